"""Pictures of the demo, drawn here: a repository with photos of strangers' screens would be a bad example."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

WIDTH, ROW = 1_240, 84
INK, PAPER, LINE, BLUE = (32, 42, 52), (255, 255, 255), (205, 213, 219), (24, 94, 160)


def draw_window(title: str, rows: Sequence[tuple[str, str]], button: str) -> bytes:
    """A PNG of a program's window: *rows* of a label and its value, and below them a *button* with a red frame."""
    image = Image.new("RGB", (WIDTH, 120 + ROW * len(rows) + 150), (232, 236, 239))
    draw = ImageDraw.Draw(image)
    small, large = ImageFont.load_default(30), ImageFont.load_default(36)
    draw.rounded_rectangle((16, 16, WIDTH - 16, image.height - 16), 18, PAPER, LINE, 2)
    draw.text((56, 46), title, INK, large)
    draw.line((18, 108, WIDTH - 18, 108), LINE, 2)
    for place, (label, value) in enumerate(rows):
        top = 130 + ROW * place
        draw.text((56, top + 16), label, (90, 102, 112), small)
        draw.rounded_rectangle((420, top, WIDTH - 56, top + 62), 8, PAPER, LINE, 2)
        draw.text((444, top + 14), value, INK, small)
    top = 130 + ROW * len(rows) + 20
    draw.rounded_rectangle((420, top, 420 + 300, top + 70), 10, BLUE)
    draw.text((450, top + 18), button, PAPER, small)
    draw.rounded_rectangle((404, top - 14, 736, top + 84), 14, None, (200, 40, 40), 5)
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()
