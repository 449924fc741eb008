"""Which language and zone this request speaks: the person's, else the provider's, else the browser's, else English."""

from functools import lru_cache
from typing import Any

from babel import Locale
from flask import Flask, g, has_request_context, request
from flask_babel import Babel

from portal.web import catalogs, provider_texts

ENGLISH = "en"
# English is the source; each other language is a catalog in translations/.
LANGUAGES = (ENGLISH, *catalogs.languages())


def install(app: Flask, babel: Babel) -> None:
    """Make `_()` speak the reader's language everywhere."""
    catalogs.compile_stale()
    babel.domain_instance = provider_texts.ProviderDomain()
    babel.init_app(
        app,
        default_locale=ENGLISH,
        default_translation_directories=str(catalogs.FOLDER),
        locale_selector=_locale,
        timezone_selector=_zone,
    )


def spoken(wished: str) -> str:
    """The language of ours that serves *wished* ("pl", "pl_PL", "pl-PL"); '' if there is none."""
    code = wished.replace("-", "_").strip()
    if code in LANGUAGES:
        return code
    plain = code.partition("_")[0].lower()
    return plain if plain in LANGUAGES else ""


def of(person: Any, provider: Any) -> str:
    """The language for *person* (None: somebody unknown) at *provider* (None: an unknown host), in pages and mails."""
    for one in (person, provider):
        if language := spoken(getattr(one, "locale", "") or ""):
            return language
    return ""


parsed = lru_cache(maxsize=64)(Locale.parse)


def _locale() -> Locale:
    """Parsed once a process: reading a language's data costs more than a page's rows."""
    return parsed(_chosen())


def _chosen() -> str:
    ctx = g.get("ctx")
    return of(getattr(ctx, "person", None), getattr(ctx, "provider", None)) or _of_browser() or ENGLISH


def _of_browser() -> str:
    """The first language of the browser that we speak: "pl-PL, en;q=0.5" is Polish, which an exact match would miss."""
    wishes = request.accept_languages if has_request_context() else ()
    return next((language for wish, quality in wishes if quality and (language := spoken(wish))), "")


def _zone() -> str:
    ctx = g.get("ctx")
    own = getattr(getattr(ctx, "person", None), "zone", "")
    return own or getattr(getattr(ctx, "provider", None), "zone", "") or "UTC"
