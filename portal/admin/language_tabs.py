"""The language whose texts a page edits, and one tab for each language."""

from typing import Any

from babel import Locale
from flask import request, url_for

from portal.web.current import ctx
from portal.web.language import LANGUAGES


def chosen_language() -> str:
    """The language whose words are shown: the requested one, else the provider's own."""
    asked = request.form.get("language") or request.args.get("language", "")
    own: str = ctx().provider.locale
    return asked if asked in LANGUAGES else (own if own in LANGUAGES else LANGUAGES[0])


def tabs(endpoint: str, language: str) -> list[dict[str, Any]]:
    """One tab a language, each in its own words."""
    return [
        {
            "label": str(Locale.parse(code).get_display_name() or code).capitalize(),
            "href": url_for(endpoint, language=code),
            "current": code == language,
        }
        for code in LANGUAGES
    ]
