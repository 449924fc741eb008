"""Pictures of messages: pasted where they will stand, and looked at large."""

import io

import pytest
from PIL import Image

from portal.attachments.actions import add_thumbnail
from portal.cases.actions import conversation

pytestmark = pytest.mark.browser
PASTE = """([names, text]) => new Promise((done) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 60, height: 40 });
  canvas.toBlob((blob) => {
    const held = new DataTransfer();
    for (const name of names) held.items.add(new File([blob], name, { type: 'image/png' }));
    if (text) held.setData('text/plain', text);
    const event = new ClipboardEvent('paste', { clipboardData: held, bubbles: true, cancelable: true });
    document.querySelector('#body').dispatchEvent(event);
    done();
  });
})"""


def png(color):
    content = io.BytesIO()
    Image.new("RGB", (1200, 700), color).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def case(live):
    with live.inside() as world:
        return world.open_case("rita", subject="A printer").key


def test_a_pasted_picture_stands_where_the_caret_was(visit, case):
    page = visit("rita")
    page.goto(f"/cases/{case}")
    page.fill("#body", "Above.\nBelow.")
    page.evaluate("() => { const box = document.querySelector('#body'); box.focus(); box.setSelectionRange(6, 6) }")
    page.evaluate(PASTE, [["image.png"], ""])
    page.wait_for_selector(".upload__file[data-state=ready]")
    assert page.input_value("#body") == "Above.\n![image](image.png)\nBelow."
    assert page.inner_text(".writing-pictures li") == "image.png stands below “Above.”"
    assert page.eval_on_selector(".writing-pictures img", "(image) => image.naturalWidth") == 60
    page.evaluate(PASTE, [["image.png"], ""])
    page.wait_for_function("() => document.querySelectorAll('.upload__file[data-state=ready]').length === 2")
    assert "![image-2](image-2.png)" in page.input_value("#body")
    page.click(".upload__file >> nth=0 >> text=Remove")
    page.wait_for_selector(".writing-pictures li:has-text('is not attached')")


def test_cells_that_come_with_a_picture_of_themselves_stay_text(visit, case):
    page = visit("rita")
    page.goto(f"/cases/{case}")
    page.evaluate(PASTE, [["image.png"], "A1\tB1"])
    page.wait_for_timeout(300)
    assert not page.query_selector(".upload__file") and "![" not in page.input_value("#body")


def test_the_viewer_shows_each_picture_and_gives_the_focus_back(visit, live):
    with live.inside() as world:
        first = world.stage(by="rita", name="one.png", content=png("navy"))
        case = world.open_case("rita", subject="A printer", staged=[first.id], description="See:\n![](one.png)")
        second = world.stage(by="rita", name="two.png", content=png("teal"))
        for file in (first, second):
            add_thumbnail(world.system(), file.id)
        conversation.reply(world.ctx("rita"), world.case(case.key), body="And this", staged=[second.id])
        key = case.key
    page = visit("rita")
    page.goto(f"/cases/{key}")
    page.focus("a[data-picture='one.png']")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog.viewer[open]")
    assert "one.png" in page.inner_text(".viewer__title") and "1 of 2" in page.inner_text(".viewer__title")
    page.wait_for_function("() => document.querySelector('.viewer img').naturalWidth === 1200")
    page.keyboard.press("ArrowRight")
    assert "two.png" in page.inner_text(".viewer__title")
    assert page.get_attribute(".viewer [data-download]", "download") == "two.png"
    page.keyboard.press("ArrowRight")
    assert "2 of 2" in page.inner_text(".viewer__title")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.viewer", state="hidden")
    assert page.evaluate("() => document.activeElement.dataset.picture") == "one.png"
