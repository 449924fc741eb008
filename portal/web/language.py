"""Which language and zone this request speaks: the person's, else the provider's, else the browser's."""

from flask import Flask, g, has_request_context, request
from flask_babel import Babel

LANGUAGES = ("en", "pl", "vi", "es")


def install(app: Flask, babel: Babel) -> None:
    babel.init_app(
        app,
        default_locale="en",
        default_translation_directories=f"{app.root_path}/translations",
        locale_selector=_locale,
        timezone_selector=_zone,
    )


def _locale() -> str:
    ctx = g.get("ctx")
    if ctx is not None and ctx.person is not None and ctx.person.locale:
        return str(ctx.person.locale)
    if ctx is not None and ctx.provider is not None:
        return str(ctx.provider.locale)
    return request.accept_languages.best_match(LANGUAGES) or "en" if has_request_context() else "en"


def _zone() -> str:
    ctx = g.get("ctx")
    own = getattr(getattr(ctx, "person", None), "zone", "")
    return own or getattr(getattr(ctx, "provider", None), "zone", "") or "UTC"
