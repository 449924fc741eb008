"""Issue 13.1, "with pictures": added with the text, drawn anew, seen by those whom a published text shows them."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from portal.kernel.errors import Forbidden, NotFound, Refused
from portal.kernel.picture_lines import picture_key, picture_keys, read_picture_line, with_pictures
from portal.kernel.storage import storage
from portal.knowledge.actions import articles as actions
from portal.knowledge.actions import pictures as picture_actions
from portal.knowledge.actions.articles import ArticleSettings, ArticleWords
from portal.knowledge.queries import editing, pictures
from portal.tenants.models import Organization
from portal.web.rich_text.pictures import TextPicture, draw_with_pictures
from tests.support import help_articles
from tests.support.help_articles import READERS

SECRET = "50.0614N 19.9366E"


def photo(size=(1600, 900)):
    """A photo that says where it was made."""
    exif = Image.Exif()
    exif[0x010E] = SECRET
    content = io.BytesIO()
    Image.new("RGB", size, (120, 40, 40)).save(content, "JPEG", exif=exif.tobytes())
    return content.getvalue()


def staged(world, name="Settings page.jpg", content=None, by="ada"):
    return world.stage(by=by, name=name, content=photo() if content is None else content).id


@pytest.fixture
def ada(world):
    return world.ctx("ada")


@pytest.fixture
def article(ada):
    return help_articles.add_article(ada, help_articles.add_category(ada), "Reset", published=False)


# -- the lines of a text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "words", "key"),
    [
        ("![Where to press](settings-page)", "Where to press", "settings-page"),
        ("![](Settings page.JPG)  ", "", "settings-page"),
        ("![Zrzut](Zażółć gęślą.png)", "Zrzut", "zazolc-gesla"),
        ("![x](図.png)", "x", "picture"),
    ],
)
def test_a_line_names_a_picture(line, words, key):
    named = read_picture_line(line)
    assert named is not None and (named.words, named.key) == (words, key)


@pytest.mark.parametrize(
    "line",
    [
        " ![x](a)",
        "See ![x](a)",
        "![x](a) and more",
        "![x](https://elsewhere.example/a.png)",
        "![x](../../secret)",
        "![x](javascript:alert(1))",
        "![x](a:b)",
        "![x]()",
        "!(x)[a]",
        "![" + "x" * 301 + "](a)",
    ],
)
def test_anything_else_is_text(line):
    assert read_picture_line(line) is None
    drawn = draw_with_pictures(line, {"a": TextPicture("/a", 4, 3)})
    assert "<img" not in drawn


@given(st.text(max_size=200), st.lists(st.text("abc-", min_size=1, max_size=9), max_size=4))
def test_a_text_names_what_was_added_and_loses_nothing(text, names):
    keys = list(dict.fromkeys(map(picture_key, names)))
    after = with_pictures(text, keys)
    assert set(keys) <= picture_keys(after) and after.startswith(text.rstrip("\n"))
    assert with_pictures(after, keys) == after


@given(st.text(max_size=300), st.text(max_size=60))
def test_words_stay_text_and_only_ones_own_pictures_are_shown(words, key):
    body = f"![{words}]({key})\n```\n![in code](shot)\n```\n![none](other)"
    drawn = draw_with_pictures(body, {"shot": TextPicture("/shot", 40, 30)})
    assert all(found == "/shot" for found in re.findall(r'src="([^"]*)"', drawn))
    assert drawn.count("<img") == int(
        picture_keys(f"![{words}]({key})".splitlines()[0]) == {"shot"} and "\n" not in words
    )
    assert "<script" not in drawn and "![in code](shot)" in drawn


def test_the_words_are_the_caption_and_the_alternative():
    drawn = draw_with_pictures('![<b>"Press"](shot)', {"shot": TextPicture("/x?a=1&b=2", 40, 30)})
    assert 'alt="&lt;b&gt;&#34;Press&#34;"' in drawn and "<figcaption><bdi>&lt;b&gt;" in drawn
    assert 'src="/x?a=1&amp;b=2"' in drawn


# -- adding, publishing, deleting -----------------------------------------------------------------------------------


def test_a_picture_is_drawn_anew_without_what_the_camera_wrote(world, ada, article):
    assert SECRET.encode() in photo()
    assert picture_actions.add_pictures(ada, article, [staged(world)]) == ["settings-page"]
    row = pictures.pictures(ada, article)[0]
    content = b"".join(storage().read(row.storage_name))
    assert (row.width, row.height) == (720, 405) and SECRET.encode() not in content
    assert Image.open(io.BytesIO(content)).format == "WEBP"


def test_a_second_file_of_that_name_is_another_picture(world, ada, article):
    picture_actions.add_pictures(ada, article, [staged(world)])
    added = picture_actions.add_pictures(ada, article, [staged(world, "settings page.PNG")])
    assert added == ["settings-page-2"]


@pytest.mark.parametrize("content", [b"It broke at 9:14.\n", photo()[:80], b"<svg xmlns='x'/>", b"%PDF-1.7 no"])
def test_what_is_no_picture_is_refused_by_name_and_adds_nothing(world, ada, article, content):
    good, bad = staged(world), staged(world, "notes.png", content)
    with pytest.raises(Refused, match=r"notes\.png"):
        picture_actions.add_pictures(ada, article, [good, bad])
    assert not pictures.pictures(ada, article)


def test_files_of_somebody_else_are_not_there(world, ada, article):
    assert picture_actions.add_pictures(ada, article, [staged(world, by="rita")]) == []


def test_an_article_has_a_bounded_number_of_pictures(world, ada, article, monkeypatch):
    monkeypatch.setattr(picture_actions, "MOST_PICTURES", 1)
    picture_actions.add_pictures(ada, article, [staged(world)])
    with pytest.raises(Refused, match="at most 1"):
        picture_actions.add_pictures(ada, article, [staged(world)])


def test_readers_see_what_a_published_text_names_and_no_longer_what_it_does_not(world, ada):
    category = help_articles.add_category(ada)
    article = help_articles.add_article(
        ada, category, "Reset", body="See\n\n![](shot)", pictures=["shot", "draft"], published=True
    )
    rita = world.ctx("rita", "contact")
    assert [row.key for row in pictures.pictures(rita, article)] == ["shot"]
    actions.save_words(ada, article, "en", ArticleWords("Reset", "", "![](draft)"))
    assert [row.key for row in pictures.pictures(rita, article)] == ["shot"]  # nothing was published
    actions.publish_article(ada, article, "en")
    assert [row.key for row in pictures.pictures(rita, article)] == ["draft"]
    actions.save_words(ada, article, "pl", ArticleWords("Reset", "", "![](shot)"))
    actions.publish_article(ada, article, "pl")
    assert [row.key for row in pictures.pictures(rita, article)] == ["draft", "shot"]
    actions.withdraw_article(ada, article)
    assert not pictures.pictures(rita, article)
    with pytest.raises(NotFound):
        pictures.picture(rita, article.slug, "shot")


def test_a_picture_that_readers_see_is_deleted_by_those_who_publish(world, ada):
    article = help_articles.add_article(
        ada, help_articles.add_category(ada), "Reset", body="![](shot)", pictures=["shot", "spare"]
    )
    ana = world.ctx("ana")
    shot, spare = (pictures.picture(ana, article.slug, key) for key in ("shot", "spare"))
    with pytest.raises(Forbidden):
        picture_actions.delete_picture(ana, article, shot)
    picture_actions.delete_picture(ana, article, spare)
    name = shot.storage_name
    picture_actions.delete_picture(ada, article, shot)
    assert not pictures.pictures(ada, article)
    with pytest.raises(FileNotFoundError):
        storage().read(name)


def test_a_deleted_draft_leaves_no_bytes(world, ada, article):
    picture_actions.add_pictures(ada, article, [staged(world)])
    name = pictures.pictures(ada, article)[0].storage_name
    actions.delete_article(ada, article)
    with pytest.raises(FileNotFoundError):
        storage().read(name)


# -- who sees it ----------------------------------------------------------------------------------------------------


@pytest.fixture
def articles(world):
    organizations = {key.lower(): world.row(Organization, world.organizations[key]) for key in ("Acme", "Globex")}
    return help_articles.add_every_audience(world.ctx("ada"), organizations)


@pytest.mark.parametrize("who", ["nobody", "rita", "mel", "olga", "gil", "gina", "ana"])
def test_a_picture_is_seen_by_exactly_those_who_read_its_article(client, articles, who):
    browser = client(None if who == "nobody" else who)
    for key, article in articles.items():
        answer = browser.get(f"/help/articles/{article.slug}/pictures/shot")
        page = browser.get(f"/help/articles/{article.slug}")
        assert (answer.status_code == 200) == (page.status_code == 200) == (who in READERS[key]), key
        if answer.status_code == 200:
            assert answer.mimetype == "image/webp" and "sandbox" in answer.headers["Content-Security-Policy"]
            assert f'src="/help/articles/{article.slug}/pictures/shot"' in page.text
        missing = browser.get(f"/help/articles/{article.slug}/pictures/none")
        assert missing.status_code == 404


def test_an_audience_that_changes_takes_the_picture_along(world, client, articles):
    article = articles["signed-in"]
    address = f"/help/articles/{article.slug}/pictures/shot"
    assert client("gil").get(address).status_code == 200
    acme = [world.row(Organization, world.organizations["Acme"])]
    ctx = world.ctx("ada")
    mine = editing.article(ctx, article.slug)
    actions.change_settings(ctx, mine, ArticleSettings(mine.category, "organizations", organizations=acme))
    ctx.session.commit()
    assert client("gil").get(address).status_code == 404
    assert client("rita").get(address).status_code == 200


# -- the pages ------------------------------------------------------------------------------------------------------


BODY = "Press it.\n\n![The button](Settings page.jpg)\n\nDone."


def send(browser, article, body, *files):
    here = f"/desk/help/articles/{article.slug}/texts/en"
    uploads = [(io.BytesIO(content), name) for name, content in files]
    return browser.submit(browser.get(here).page.form(here), body=body, attachments=uploads)


def test_an_editor_adds_pictures_with_the_text_and_without_scripts(client, article):
    ada = client("ada")
    answer = send(ada, article, BODY, ("Settings page.jpg", photo()), ("second.png", photo((300, 200))))
    assert answer.status_code == 303
    page = ada.get(f"/desk/help/articles/{article.slug}")
    assert page.text.index("Press it.") < page.text.index("pictures/settings-page") < page.text.index("Done.")
    assert "pictures/second" in page.text and "The button" in page.text
    assert ada.get(f"/desk/help/articles/{article.slug}/pictures/second").mimetype == "image/webp"


def test_a_file_that_is_no_picture_keeps_the_text_and_says_so(client, article):
    ada = client("ada")
    answer = send(ada, article, "My long text", ("notes.txt", b"hello there"))
    assert answer.status_code == 422
    assert "notes.txt is no picture" in answer.text and "My long text" in answer.text
