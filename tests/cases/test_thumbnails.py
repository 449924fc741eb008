"""Pictures of a conversation: drawn small by the worker, upright and bare, and only where they can be read safely."""

import io
import warnings
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from portal.attachments.actions import THUMBNAIL, discard
from portal.attachments.engine import thumbnail
from portal.attachments.models import Attachment
from portal.kernel.outbox import DueWork
from portal.kernel.storage import storage

pillow_heif.register_heif_opener()
SECRET = b"50.0614N 19.9366E"


def picture(kind="PNG", size=(800, 600), mode="RGB", **options):
    """The bytes of a picture whose left half is black and whose right half is white."""
    deep = mode == "I;16"
    image = Image.new(mode if deep else "RGB", size)
    image.paste(65_000 if deep else (255, 255, 255), (size[0] // 2, 0, *size))
    image = image if deep else image.convert(mode)
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def opened(drawn):
    return Image.open(io.BytesIO(drawn.content))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGB"), ("PNG", "I;16"), ("JPEG", "CMYK"), ("GIF", "P"), ("WEBP", "RGBA"), ("HEIF", "RGB")],
)
def test_a_picture_is_drawn_anew_at_its_size_on_the_page(kind, mode):
    drawn = thumbnail.draw_thumbnail(picture(kind, mode=mode))
    assert (drawn.width, drawn.height) == (213, 160)
    again = opened(drawn)
    assert again.format == "WEBP" and again.size == (426, 320)
    left, right = (again.convert("L").getpixel((x, 160)) for x in (50, 380))
    assert right - left > 80


def test_small_and_narrow_pictures_are_not_blown_up():
    sizes = [(40, 30), (3, 2000), (2000, 3)]
    drawn = [thumbnail.draw_thumbnail(picture(size=size)) for size in sizes]
    assert [(d.width, d.height) for d in drawn] == [(40, 30), (1, 160), (240, 1)]


def test_a_photo_stands_upright_and_tells_nothing_about_its_making():
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, SECRET.decode()  # turned by 90°, and a description
    photo = picture("JPEG", exif=exif.tobytes(), icc_profile=SECRET * 8, comment=SECRET)
    assert SECRET in photo
    drawn = thumbnail.draw_thumbnail(photo)
    assert (drawn.width, drawn.height) == (120, 160)
    assert SECRET not in drawn.content and not opened(drawn).getexif() and not opened(drawn).info.get("icc_profile")
    top, bottom = (opened(drawn).convert("L").getpixel((120, y)) for y in (40, 280))
    assert bottom - top > 200


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"It broke at 9:14.\n", id="text"),
        pytest.param(picture()[:60], id="cut"),
        pytest.param(picture(size=(8000, 8000), mode="1"), id="too many pixels"),
        pytest.param(picture(size=(20_001, 10), mode="1"), id="a side too long"),
        pytest.param(picture("HEIF")[:200], id="a photo of a phone, cut"),
        pytest.param(b"\0\0\0\x1cftypheic" + b"\xff" * 4000, id="no photo of a phone"),
        pytest.param(picture("TIFF"), id="another format"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="SVG"),
        pytest.param(picture() + b"\0" * thumbnail.BYTES_READ, id="too many bytes"),
    ],
)
def test_what_cannot_be_read_within_the_bounds_has_none(content):
    assert thumbnail.draw_thumbnail(content) is None


@pytest.mark.parametrize("bound", ["SECONDS", "MEMORY_BYTES"])
def test_drawing_ends_at_its_bounds(monkeypatch, tmp_path, bound):
    """The process is ended from outside when it takes too long, and gets no more memory than it may have."""
    source = Path(thumbnail.__file__).read_text()
    stuck = {"SECONDS": "import time; time.sleep(60)", "MEMORY_BYTES": "bytearray(MEMORY_BYTES)"}[bound]
    program = tmp_path / "thumbnail.py"
    program.write_text(source.replace("    drawn = reduce", f"    {stuck}\n    drawn = reduce"))
    monkeypatch.setattr(thumbnail, "__file__", str(program))
    monkeypatch.setattr(thumbnail, "SECONDS", 1)
    assert thumbnail.draw_thumbnail(picture()) is None


def test_both_sides_see_the_picture_and_reach_the_file(world, as_user, run_outbox):
    file = world.stage(name="screen.png", content=picture())
    case = world.open_case("rita", staged=[file.id])
    run_outbox()
    for who, base in (("rita", "/cases/"), ("ana", "/desk/cases/")):
        page = as_user(who).get(f"{base}{case.key}").page
        (link,) = page.all("a", href=f"{base}{case.key}/attachments/{file.id}/screen.png")
        image = link.first("img")
        assert (image.get("width"), image.get("height"), image.get("alt")) == ("213", "160", "Picture")
        answer = as_user(who).get(image.get("src"))
        assert answer.mimetype == "image/webp" and Image.open(io.BytesIO(answer.data)).size == (426, 320)
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_photo_of_a_phone_is_shown_small_and_downloaded_as_it_is(world, as_user, run_outbox):
    """Few browsers show HEIC: the thumbnail is WebP, and the file itself goes out as a download."""
    photo = picture("HEIF")
    file = world.stage(name="IMG_0042.HEIC", content=photo)
    assert file.media_type == "image/heic"
    case = world.open_case("rita", staged=[file.id])
    run_outbox()
    page = as_user("rita").get(f"/cases/{case.key}").page
    (link,) = page.all("a", href=f"/cases/{case.key}/attachments/{file.id}/IMG_0042.HEIC")
    shown = as_user("rita").get(link.first("img").get("src"))
    assert shown.mimetype == "image/webp" and Image.open(io.BytesIO(shown.data)).size == (426, 320)
    original = as_user("rita").get(link.get("href"))
    assert original.data == photo and original.headers["Content-Disposition"].startswith("attachment")


def test_the_size_of_a_photo_is_checked_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(thumbnail, "PIXELS_READ", 400_000)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
    with warnings.catch_warnings(), pytest.raises(Image.DecompressionBombWarning):
        thumbnail.reduce(picture("HEIF"))


def test_a_broken_picture_stays_a_plain_file(world, as_user, run_outbox):
    file = world.stage(name="screen.png", content=picture()[:60])
    case = world.open_case("rita", staged=[file.id])
    run_outbox()
    assert not world.rows(DueWork, DueWork.kind == THUMBNAIL)
    page = as_user("rita").get(f"/cases/{case.key}")
    assert "screen.png" in page.text and "<img" not in page.text.partition('class="files"')[2]
    assert as_user("rita").get(f"/cases/{case.key}/thumbnails/{file.id}").status_code == 404


def test_a_discarded_picture_takes_its_thumbnail_along(world, run_outbox):
    kept, early = (world.stage(name="screen.png", content=picture()) for _ in range(2))
    early_id = early.id
    discard(world.ctx("rita"), world.row(Attachment, early_id))
    run_outbox()
    file = world.row(Attachment, kept.id)
    assert list(storage().read(file.thumbnail_storage_name))
    discard(world.ctx("rita"), file)
    for name in (file.storage_name, file.thumbnail_storage_name):
        with pytest.raises(FileNotFoundError):
            storage().read(name)
