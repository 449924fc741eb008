"""The language and time zone of a request: the person's, else the provider's, else the browser's, else English."""

from functools import lru_cache
from typing import Any

from babel import Locale
from flask import Flask, g, has_request_context, request
from flask_babel import Babel

from portal.web import catalogs, provider_texts

ENGLISH = "en"
# English is the source; each other language is a catalog in translations/.
LANGUAGES = (ENGLISH, *catalogs.catalog_languages())


def init_babel(app: Flask, babel: Babel) -> None:
    """Make `_()` translate into the reader's language everywhere."""
    catalogs.compile_stale_catalogs()
    babel.domain_instance = provider_texts.ProviderDomain()
    babel.init_app(
        app,
        default_locale=ENGLISH,
        default_translation_directories=str(catalogs.FOLDER),
        locale_selector=_locale,
        timezone_selector=_zone,
    )


def supported_language(wished: str) -> str:
    """The supported language for *wished* ("pl", "pl_PL", "pl-PL"); '' if there is none."""
    code = wished.replace("-", "_").strip()
    if code in LANGUAGES:
        return code
    plain = code.partition("_")[0].lower()
    return plain if plain in LANGUAGES else ""


def language_of(person: Any, provider: Any) -> str:
    """The language for *person* (None: somebody unknown) at *provider* (None: an unknown host), in pages and mails."""
    for one in (person, provider):
        if language := supported_language(getattr(one, "locale", "") or ""):
            return language
    return ""


@lru_cache(maxsize=64)
def parse_locale(code: str) -> Locale:
    """The locale of *code*, parsed once a process: reading a language's data costs more than a page's rows."""
    return Locale.parse(code)


def _locale() -> Locale:
    return parse_locale(_choose_language())


def _choose_language() -> str:
    ctx = g.get("ctx")
    return language_of(getattr(ctx, "person", None), getattr(ctx, "provider", None)) or _browser_language() or ENGLISH


def _browser_language() -> str:
    """The first language of the browser that we speak: "pl-PL, en;q=0.5" is Polish, which an exact match would miss."""
    wishes = request.accept_languages if has_request_context() else ()
    return next((language for wish, quality in wishes if quality and (language := supported_language(wish))), "")


def _zone() -> str:
    ctx = g.get("ctx")
    own = getattr(getattr(ctx, "person", None), "zone", "")
    return own or getattr(getattr(ctx, "provider", None), "zone", "") or "UTC"
