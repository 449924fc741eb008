"""The styles of mails: one sheet, written into the elements, without a change of what people wrote."""

import os
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from portal.notifications import rendering
from portal.web.rich_text import mail_text

EXAMPLES = int(os.environ.get("EXAMPLES", "40"))
PARTS = st.sampled_from(
    ['<b class="x" >', "a  b", "&amp;", "\n", "```\n", "**w**", "> q\n", '"', "'", "\u00a0", "<!--"]
)


class Words(HTMLParser):
    """The text of a page."""

    def __init__(self, html):
        super().__init__()
        self.text = ""
        self.feed(html)

    def handle_data(self, data):
        self.text += data


def test_styles_come_from_the_sheet_in_the_providers_color(app):
    page = '<body class="page"><a class="button" href="/x?a=1&amp;b=2">Open</a></body>'
    with app.test_request_context():
        html, other = rendering.inline_styles(page, "#884400"), rendering.inline_styles(page, "#004488")
    assert 'style="margin: 0;padding: 24px 16px' in html and "background:" in html and html != other
    assert "<style" not in html and 'href="/x?a=1&amp;b=2"' in html


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(PARTS, max_size=12).map("".join))
def test_what_people_wrote_stays_as_it_is(app, written):
    with app.test_request_context():
        page = f'<body class="page"><p>{escape(written)}</p><div class="quote">{mail_text(written)}</div></body>'
        styled = rendering.inline_styles(page, "")
    assert Words(styled).text == Words(page).text
