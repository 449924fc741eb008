"""Notices of the previous action that offer a button, such as "Undo"."""

from collections.abc import Mapping
from typing import Any

from flask import flash


def flash_with_button(
    text: str, *, label: str = "", path: str = "", fields: Mapping[str, str] | None = None, tone: str = "message"
) -> None:
    """Show *text* on the next page; with *label* together with a button that posts *fields* to *path*
    (`layouts/_notices.html`)."""
    if not label:
        flash(text, tone)
        return
    # Flask keeps it in the signed session as JSON.
    said: Any = {"text": text, "label": label, "path": path, "fields": dict(fields or {})}
    flash(said, tone)
