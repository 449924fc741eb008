"""What people wrote in the two bodies of a mail: the same text, whole."""

import re

from portal.web.rich_text import keep_lines, mail_text, restore_lines
from tests.web.reading import visible

PASTED = "- old\n+ new\n\n\n\n   indented\n\ta   b\n3. [INFO]: \\\\server\\share\n> quoted\n&lt; **x**"


def test_html_keeps_blanks_and_draws_lists_as_lines():
    html = mail_text("Steps:\n- old\n+ new\n  3. inner\n     goes on")
    assert html == (
        '<div style="white-space:pre-wrap"><p>Steps:</p><p>- old<br>+ new<br>  3. inner<br>     goes on</p></div>'
    )


def test_html_is_whole_however_long_the_text_is():
    lines = [f"line {number}" for number in range(500)]
    assert visible(mail_text("\n".join(lines))).split("\n") == lines


def test_html_styles_code_and_quotes_where_there_is_no_style_sheet():
    html = mail_text("> said\n\n```\nx <pre>\n```")
    assert '<blockquote style="' in html
    assert '<pre style="' in html
    assert "x &lt;pre&gt;" in html


def test_plain_text_keeps_its_line_ends_where_gaps_are_closed():
    template = f"Hello\n\n\n\n{keep_lines(PASTED)}\n\n\n\nBye"
    closed = restore_lines(re.sub(r"\n\s*\n\s*\n", "\n\n", template))
    assert closed == f"Hello\n\n{PASTED}\n\nBye"
