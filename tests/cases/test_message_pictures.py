"""Issue 14, "see the picture where it will stand": a line of a message shows a picture of the same message."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from portal.attachments.models import Attachment
from portal.kernel.ids import new_id
from portal.kernel.picture_lines import keys_of_names, picture_key, read_picture_line
from portal.notifications.models import OutgoingMail
from portal.web.rich_text.pictures import name_pictures


def png(size=(800, 600), color=(120, 40, 40)):
    content = io.BytesIO()
    Image.new("RGB", size, color).save(content, "PNG")
    return content.getvalue()


def with_line(name="screen.png", words="The red line"):
    return f"Look at this:\n![{words}]({name})\nIt comes each time."


@pytest.fixture
def staged(world):
    def stage(by="rita", name="screen.png", content=None):
        return world.stage(by=by, name=name, content=png() if content is None else content)

    return stage


def figures(page):
    return page.page.all("figure", **{"class": "picture"})


ROADS = [
    ("rita", "/cases/{}/replies", "/cases/{}"),
    ("ana", "/desk/cases/{}/reply", "/desk/cases/{}"),
    ("ana", "/desk/cases/{}/note", "/desk/cases/{}"),
]


@pytest.mark.parametrize(("who", "post", "shown_at"), ROADS)
def test_a_picture_stands_at_its_line(world, as_user, run_outbox, staged, who, post, shown_at):
    case, file = world.case_in("open", by="rita"), staged(by=who)
    data = {"body": with_line(), "staged": str(file.id)}
    assert as_user(who).post(post.format(case.key), data=data).status_code == 303
    run_outbox()
    page = as_user(who).get(shown_at.format(case.key))
    (figure,) = figures(page)
    image, link = figure.first("img"), figure.first("a")
    base = shown_at.format(case.key)
    assert image.get("src") == f"{base}/thumbnails/{file.id}" and image.get("alt") == "The red line"
    assert link.get("href") == f"{base}/attachments/{file.id}/screen.png" and link.get("data-picture") == "screen.png"
    assert figure.first("figcaption").text == "The red line" and "![" not in page.page.text
    text = page.page.text
    assert text.index("Look at this") < text.index("The red line") < text.index("It comes each time")
    assert as_user(who).get(image.get("src")).mimetype == "image/webp"
    assert not page.page.all("ul", **{"class": "files"}), "what stands in the text is not listed below it again"


def test_a_picture_of_the_description_stands_at_its_line(world, as_user, run_outbox, staged):
    case = world.open_case("rita", description=with_line(), staged=[staged().id])
    run_outbox()
    for who, path in (
        ("rita", f"/cases/{case.key}"),
        ("ana", f"/desk/cases/{case.key}"),
        ("rita", f"/cases/{case.key}/print"),
    ):
        assert len(figures(as_user(who).get(path))) == 1, path
    mail = next(m for m in world.rows(OutgoingMail) if m.kind == "opened")
    for part in (mail.text, mail.html):
        assert "[Picture: screen.png]" in part and "![" not in part
    assert "<img" not in mail.html.partition("Look at this")[2]


def test_two_screenshots_of_one_name_are_told_apart(world, as_user, run_outbox, staged):
    first, second = staged(name="image.png"), staged(name="image.png", content=png((80, 60)))
    case = world.case_in("open", by="rita")
    body = "![](image-2)\nand before\n![](image.png)"
    as_user("rita").post(f"/cases/{case.key}/replies", data={"body": body, "staged": [str(first.id), str(second.id)]})
    run_outbox()
    sources = [figure.first("img").get("src") for figure in figures(as_user("rita").get(f"/cases/{case.key}"))]
    assert [source.rpartition("/")[2] for source in sources] == [str(second.id), str(first.id)]


def test_a_line_shows_no_file_of_another_message(world, as_user, run_outbox, staged):
    """A note's picture least of all: the customer's page has neither the picture nor its id."""
    case, file = world.case_in("open", by="rita"), staged(by="ana", name="secret.png")
    as_user("ana").post(f"/desk/cases/{case.key}/note", data={"body": with_line("secret.png"), "staged": str(file.id)})
    run_outbox()
    for who, path in (("rita", f"/cases/{case.key}/replies"), ("ana", f"/desk/cases/{case.key}/reply")):
        as_user(who).post(path, data={"body": with_line("secret.png")})
    for path in (f"/cases/{case.key}", f"/cases/{case.key}/print"):
        page = as_user("rita").get(path)
        assert not figures(page) and str(file.id) not in page.text and "![The red line](secret.png)" in page.text
    for address in (f"/cases/{case.key}/thumbnails/{file.id}", f"/cases/{case.key}/attachments/{file.id}/secret.png"):
        assert as_user("rita").get(address).status_code == 404
    assert len(figures(as_user("ana").get(f"/desk/cases/{case.key}"))) == 1
    assert not [mail for mail in world.rows(OutgoingMail) if str(file.id) in mail.html + mail.text]


def test_a_file_of_somebody_else_is_not_claimed_by_naming_it(world, as_user, run_outbox, staged):
    case, file = world.case_in("open", by="rita"), staged(by="gil", name="theirs.png")
    as_user("rita").post(f"/cases/{case.key}/replies", data={"body": with_line("theirs.png"), "staged": str(file.id)})
    run_outbox()
    page = as_user("rita").get(f"/cases/{case.key}")
    assert not figures(page) and "![The red line](theirs.png)" in page.text
    assert world.row(Attachment, file.id).case_id is None


@pytest.mark.parametrize(
    "line",
    [
        "![x](https://elsewhere.example/a.png)",
        "![x](//elsewhere.example/a.png)",
        "![x](data:image/png;base64,AAAA)",
        "![x](../../secret)",
        "    ![x](screen.png)",
        "before ![x](screen.png)",
        "```\n![x](screen.png)\n```",
    ],
)
def test_an_address_or_a_line_in_code_is_text(world, as_user, run_outbox, staged, line):
    case, file = world.case_in("open", by="rita"), staged()
    as_user("rita").post(f"/cases/{case.key}/replies", data={"body": line, "staged": str(file.id)})
    run_outbox()
    page = as_user("rita").get(f"/cases/{case.key}")
    assert not figures(page) and ("![x](" in page.text or "!<a" in page.text)
    assert page.page.all("ul", **{"class": "files"}), "the file is listed below the text"
    assert "elsewhere.example" not in "".join(image.get("src") or "" for image in page.page.all("img"))


def test_what_cannot_be_drawn_says_so_and_leads_to_the_file(world, as_user, run_outbox, staged):
    case, file = world.case_in("open", by="rita"), staged(content=png()[:60])
    as_user("rita").post(f"/cases/{case.key}/replies", data={"body": with_line(), "staged": str(file.id)})
    run_outbox()
    page = as_user("rita").get(f"/cases/{case.key}")
    (line,) = page.page.all("p", **{"class": "picture"})
    assert line.first("a").get("href") == f"/cases/{case.key}/attachments/{file.id}/screen.png"
    assert "has no preview" in line.text


def test_the_mail_of_a_message_names_the_picture(world, as_user, run_outbox, staged):
    case, file = world.case_in("open", by="rita"), staged(by="ana")
    as_user("ana").post(f"/desk/cases/{case.key}/reply", data={"body": with_line(), "staged": str(file.id)})
    run_outbox()
    mail = world.rows(OutgoingMail)[-1]
    for part in (mail.text, mail.html):
        assert "[Picture: screen.png]" in part and "![" not in part and "thumbnails" not in part


def test_a_long_text_around_a_picture_is_folded(world, as_user, run_outbox, staged):
    case, file = world.case_in("open", by="rita"), staged()
    log = "\n".join(f"line {n} of the log" for n in range(120))
    as_user("rita").post(f"/cases/{case.key}/replies", data={"body": f"![](screen.png)\n{log}", "staged": str(file.id)})
    run_outbox()
    page = as_user("rita").get(f"/cases/{case.key}")
    assert len(figures(page)) == 1 and "Show 80 more lines" in page.text
    assert "Show 80 more lines" not in as_user("rita").get(f"/cases/{case.key}/print").text


names = st.text(min_size=1, max_size=40).filter(lambda name: name.strip())


@given(st.lists(names, max_size=8))
def test_every_picture_has_a_key_of_its_own(filenames):
    keys = keys_of_names(filenames)
    assert len(set(keys)) == len(filenames)


@given(st.text(max_size=300), names)
def test_naming_pictures_changes_only_their_lines(text, name):
    key = picture_key(name)
    named = name_pictures(text, {key: name})
    kept = [line for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if not read_picture_line(line)]
    assert all(line in named.replace("\r\n", "\n").replace("\r", "\n").split("\n") for line in kept)


def test_an_unknown_picture_is_not_there(world, as_user):
    case = world.open_case("rita")
    assert as_user("rita").get(f"/cases/{case.key}/thumbnails/{new_id()}").status_code == 404
