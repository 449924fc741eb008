"""How the portal looks: saved by hand, seen by everybody, readable whatever the color."""

import io

import pytest

from portal.kernel import accent_colors
from portal.tenants.models import Provider

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#123"/></svg>'


@pytest.fixture
def save(as_user):
    """`save(accent="#ff0000")` sends the page's form with these fields changed."""

    def send(**changes):
        form = as_user("ada").get("/admin/branding").page.form("/admin/branding")
        return as_user("ada").submit(form, **changes)

    return send


def test_name_color_and_ways_to_reach_support_are_everywhere(client, as_user, save):
    answer = save(display_name="Nordic Help", accent="#FFD400", support_phone="+47 22 00 00 00", welcome="Hei")
    assert answer.status_code == 303
    page = as_user("rita").get("/").page
    assert "Nordic Help" in page.title and "Hei" in page.text and "+47 22 00 00 00" in page.text
    outside = client().get("/sign-in").page
    assert "Nordic Help" in outside.text
    sheet = next(link for link in outside.all("link") if link.get("href").startswith("/theme/ffd400-"))
    css = client().get(sheet.get("href"))
    assert css.status_code == 200 and "#FFD400" in css.text and "immutable" in css.headers["Cache-Control"]


def test_a_color_under_another_address_is_no_sheet(client):
    assert client().get("/theme/ffd400-0000000000.css").status_code == 404
    assert client().get("/theme/nonsense.css").status_code == 404


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"accent": "petrol"}, "Write the color like"),
        ({"accent": "#12345"}, "Write the color like"),
        ({"support_email": "help"}, "is not a full email address"),
        ({"support_phone": "12"}, "at least 5 digits"),
    ],
)
def test_refused_branding_says_why(save, changes, sentence):
    answer = save(welcome="Kept", **changes)
    assert answer.status_code == 422 and sentence in answer.page.text
    assert answer.page.form("/admin/branding")["welcome"] == "Kept"


def test_short_and_loud_colors_are_written_the_same(world, save):
    assert save(accent="0C5").status_code == 303
    assert world.row(Provider, world.northwind.id).accent == "#00cc55"


@pytest.mark.parametrize(("content", "kind"), [(PNG, "image/png"), (SVG, "image/svg+xml")])
def test_a_logo_is_served_to_its_own_host_only(world, client, save, content, kind):
    assert save(logo=(io.BytesIO(content), "logo")).status_code == 303
    row = world.row(Provider, world.northwind.id)
    path = f"/brand/{row.logo_file}"
    answer = client().get(path)
    assert (answer.status_code, answer.mimetype, answer.data) == (200, kind, content)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert path in client().get("/sign-in").text
    assert client(host=world.southgate.host).get(path).status_code == 404
    assert save(remove_logo="y").status_code == 303
    assert client().get(path).status_code == 404


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"GIF89a", "Choose a PNG, JPEG or SVG"),
        (b"", "is empty"),
        (PNG + b"0" * 210_000, "at most 200 kB"),
        (SVG.replace(b"<rect", b"<script>alert(1)</script><rect"), "loads or runs"),
        (SVG.replace(b"<rect", b"<rect onload='x()'"), "loads or runs"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG, "loads or runs"),
        (SVG.replace(b"<rect", b'<image href="https://elsewhere.example/x.png"/><rect'), "loads or runs"),
    ],
)
def test_refused_logos(save, content, sentence):
    answer = save(logo=(io.BytesIO(content), "logo.svg"))
    assert answer.status_code == 422 and sentence in answer.page.text


def test_two_at_once_do_not_overwrite_each_other(as_user, save):
    form = as_user("ada").get("/admin/branding").page.form("/admin/branding")
    save(welcome="First")
    answer = as_user("ada").submit(form, welcome="Second")
    assert answer.status_code == 409 and "Second" in answer.text


def test_mails_carry_name_and_color(world, save, run_outbox):
    from portal.notifications.models import OutgoingMail

    save(display_name="Nordic Help", accent="#ffd400")
    world.open_case()
    run_outbox()
    mail = world.rows(OutgoingMail)[-1]
    assert "Nordic Help" in mail.html and "background: #FFD400" in mail.html and "color: #14181F" in mail.html


# The samples of ux.md 3.5: worst contrast of links, and of the button with its text.
SAMPLES = ("#ffd400", "#7fff00", "#e30613", "#0a2540", "#2277d3", "#888888", "#ffffff", "#000000", "#123456", "#fedcba")


@pytest.mark.parametrize("accent", SAMPLES)
@pytest.mark.check(21, "text 4.5 : 1, edges 3 : 1 or more, for ten samples")
def test_every_accent_can_be_read(accent):
    found = accent_colors.derive_accent_colors(accent)
    for pair, grounds in ((found.light, accent_colors.LIGHT_GROUNDS), (found.dark, accent_colors.DARK_GROUNDS)):
        assert min(accent_colors.contrast(pair.link, ground) for ground in (*grounds, pair.tint)) >= accent_colors.TEXT
        assert accent_colors.contrast(pair.button, pair.on_button) >= accent_colors.TEXT
        assert accent_colors.contrast(pair.hover, pair.on_button) >= accent_colors.TEXT
    assert (
        accent_colors.contrast(found.light.edge or found.light.button, accent_colors.LIGHT_CANVAS) >= accent_colors.EDGE
    )
    assert accent_colors.contrast(found.dark.button, accent_colors.DARK_SHEET) >= accent_colors.EDGE


def test_a_brand_color_stays_where_it_can():
    assert accent_colors.derive_accent_colors("#ffd400").light.button == "#FFD400"
    assert accent_colors.derive_accent_colors("#2277d3").light.button == "#2277D3"
    assert accent_colors.derive_accent_colors("#0a2540").light.link == "#0A2540"


def test_a_preview_shows_the_form_and_keeps_nothing(world, save, as_user):
    answer = save(display_name="Nordic <Help>", accent="#FFD400", welcome="Hei", preview="1")
    drawn = answer.page.first("div", id="preview")
    assert answer.status_code == 200 and "Nordic <Help>" in drawn.text and "Hei" in drawn.text
    assert "#FFD400" in answer.text and answer.page.form("/admin/branding")["display_name"] == "Nordic <Help>"
    kept = world.row(Provider, world.northwind.id)
    assert kept.display_name != "Nordic <Help>" and kept.accent != "#ffd400"
    nonsense = save(accent="petrol", preview="1")
    assert nonsense.status_code == 200 and "Preview" in nonsense.page.first("div", id="preview").text
