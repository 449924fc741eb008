"""Draws a picture anew, as a thumbnail or for a page: a WebP file of its pixels alone, upright, without metadata.

Pictures are written by strangers, and libraries that read them have had faults. So `draw_thumbnail` lets this file run
as a process of its own, with bounds on time and memory and with nothing of the application in it. What that process
cannot read has no thumbnail.
"""

import resource
import subprocess
import sys
import warnings
from io import BytesIO
from typing import NamedTuple

import pillow_heif
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
PHONE_FORMAT = "HEIF"
BYTES_READ = 25 * 1_048_576
PIXELS_READ = 50_000_000
SIDE_READ = 20_000
CPU_SECONDS, SECONDS = 10, 20
MEMORY_BYTES = 1024 * 1_048_576
# The size in CSS pixels on a page. The file has twice as many pixels each way, for dense screens.
SHOWN_WIDTH, SHOWN_HEIGHT = 240, 160
DENSITY = 2


class Bounds(NamedTuple):
    """The largest size on a page, in CSS pixels."""

    width: int
    height: int


SHOWN = Bounds(SHOWN_WIDTH, SHOWN_HEIGHT)


class Thumbnail(NamedTuple):
    """A WebP file, and its size on a page in CSS pixels."""

    content: bytes
    width: int
    height: int


def draw_thumbnail(picture: bytes, bounds: Bounds = SHOWN) -> Thumbnail | None:
    """*picture* at most as large as *bounds*; None if it is no picture that can be read within the limits of this
    file."""
    if len(picture) > BYTES_READ:
        return None
    command = [sys.executable, "-I", __file__, str(bounds.width), str(bounds.height)]
    try:
        answer = subprocess.run(command, input=picture, capture_output=True, timeout=SECONDS, check=True, env={}).stdout
    except subprocess.SubprocessError:
        return None
    size, _, content = answer.partition(b"\n")
    width, height = map(int, size.split())
    return Thumbnail(content, width, height)


def reduce(picture: bytes, bounds: Bounds = SHOWN) -> Thumbnail | None:
    """The same inside this process, where a bad picture may raise whatever the library raises.

    Only the first frame is read. The number of pixels is checked before any is decoded.
    """
    Image.MAX_IMAGE_PIXELS = PIXELS_READ
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    if is_phone_picture := picture[4:8] == b"ftyp":
        # One thread: each further one would take its share of the memory that this process may have.
        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = pillow_heif.options.AUX_IMAGES = False
        pillow_heif.register_heif_opener()
    image: Image.Image = Image.open(BytesIO(picture), formats=(PHONE_FORMAT,) if is_phone_picture else FORMATS)
    if max(image.size) > SIDE_READ:
        return None
    if image.mode.startswith("I"):  # 16 bits a pixel: an ordinary conversion would cut off all but the darkest
        image = image.point(lambda value: value / 256).convert("L")
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image = ImageOps.exif_transpose(image)
    scale = min(1, bounds.width / image.width, bounds.height / image.height)
    width, height = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    image = image.resize((min(image.width, width * DENSITY), min(image.height, height * DENSITY)), reducing_gap=2)
    pixels_alone = Image.new(image.mode, image.size)
    pixels_alone.paste(image)
    content = BytesIO()
    pixels_alone.save(content, "WEBP", quality=80)
    return Thumbnail(content.getvalue(), width, height)


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    drawn = reduce(sys.stdin.buffer.read(BYTES_READ + 1), Bounds(int(sys.argv[1]), int(sys.argv[2])))
    if drawn is None:
        sys.exit(1)
    sys.stdout.buffer.write(b"%d %d\n" % (drawn.width, drawn.height) + drawn.content)


if __name__ == "__main__":
    _main()
