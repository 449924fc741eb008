"""Translated texts in templates, faster than with Jinja's own gettext.

Jinja hands its gettext the whole template context; inside a loop it copies that context for every word. A page says a
few hundred words, most of them the same ones for every reader of a language, so they are cached, by language and by
what the provider calls a case. A provider's own words (see `provider_texts`) come first, and are never cached.
"""

from typing import Any

from flask import Flask, g, render_template
from flask_babel import get_locale, get_translations
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from portal.kernel.cache import Cache
from portal.web import provider_texts

# The place of a drawn template among the words; no words of a template look like it.
_BROWSER = "\0browser"
# By language, object word and text. Texts are literals of templates: there are some thousands in each language.
_translated: Cache[tuple[str, str | None, str | None, str, str], str] = Cache(max_entries=20_000)


def register_template_gettext(app: Flask) -> None:
    """Put the words in place of those that Flask-Babel installed. The order of installation matters."""
    app.jinja_env.globals.update(_=gettext, gettext=gettext, ngettext=ngettext, browser_words=browser_words)


def current_locale(here: Any) -> Any:
    """The current language (a mail may be written in another one); *here* is the object behind `g`."""
    return getattr(here.get("_flask_babel"), "babel_locale", None) or get_locale()


def _key(here: Any, text: str) -> tuple[str, str | None, str | None, str, str]:
    """The key of *text*. The parts of the language: a Locale spells itself anew each time it is hashed."""
    locale = current_locale(here)
    return locale.language, locale.territory, locale.script, provider_texts.object_word(here), text


@pass_eval_context
def gettext(context: EvalContext, text: str, /, **values: Any) -> str:
    """*text* in the reader's language, *values* put in; escaped as the template wants it."""
    here = g._get_current_object()
    own = provider_texts.own_texts(here).get(text)
    if own:
        # User input, so it is escaped.
        return _format(context, escape(own) if context.autoescape else own, values)
    said = _translated.load(_key(here, text), lambda: str(get_translations().ugettext(text)))
    return _format(context, said, values)


@pass_eval_context
def ngettext(context: EvalContext, one: str, many: str, num: int, /, **values: Any) -> str:
    """The form of the words that goes with *num*, which they may name as `num`."""
    said = get_translations().ungettext(one, many, num)
    values.setdefault("num", num)
    return _format(context, said, values)


def browser_words() -> Markup:
    """The texts for scripts of the page as the value of an attribute, rendered once for each language."""
    here = g._get_current_object()
    if provider_texts.own_texts(here):
        drawn = _draw_browser_words()
    else:
        drawn = _translated.load(_key(here, _BROWSER), _draw_browser_words)
    return Markup(drawn)  # noqa: S704 - drawn by a template, which escapes


def _draw_browser_words() -> str:
    return render_template("layouts/_browser_words.html").strip()


def _format(context: EvalContext, said: str, values: dict[str, Any]) -> str:
    if context.autoescape:
        said = Markup(said)  # noqa: S704 - translations are ours; the values are escaped as they are put in
    return said % values if values or "%" in said else said
