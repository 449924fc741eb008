"""Translated texts in templates, faster than with Jinja's own gettext.

Jinja hands its gettext the whole template context; inside a loop it copies that context for every word. A page says a
few hundred words, most of them the same ones for every reader of a language, so they are cached, by language and by
what the provider calls a case. A provider's own words (see `provider_texts`) come first, and are never cached.
"""

from typing import Any

from flask import Flask, g, render_template
from flask_babel import get_translations
from flask_babel.speaklater import LazyString
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from portal.kernel.cache import Cache
from portal.web import provider_texts

_browser_words: Cache[provider_texts.TextKey, Markup] = Cache(max_entries=100)


def register_template_gettext(app: Flask) -> None:
    """Put the words in place of those that Flask-Babel installed. The order of installation matters.

    Flask-Babel's lazy texts call themselves markup. Ours may be a provider's own words, so they are text like others.
    """
    LazyString.__html__ = lambda self: escape(str(self))
    app.jinja_env.globals.update(_=gettext, gettext=gettext, ngettext=ngettext, browser_words=browser_words)


@pass_eval_context
def gettext(context: EvalContext, text: str, /, **values: Any) -> str:
    """*text* in the reader's language, *values* put in; escaped as the template wants it."""
    here = g._get_current_object()
    own = provider_texts.own_text(here, text)
    said: str
    if context.autoescape:
        said = escape(own) if own else provider_texts.common_markup(provider_texts.text_key(here, text))
    else:
        said = own or provider_texts.common_text(provider_texts.text_key(here, text))
    return said % values if values or "%" in said else said


@pass_eval_context
def ngettext(context: EvalContext, one: str, many: str, num: int, /, **values: Any) -> str:
    """The form of the words that goes with *num*, which they may name as `num`."""
    said = get_translations().ungettext(one, many, num)
    values.setdefault("num", num)
    return (Markup(said) if context.autoescape else said) % values  # noqa: S704 - translations are ours


def browser_words() -> Markup:
    """The texts for scripts of the page as the value of an attribute, rendered once for each language."""
    here = g._get_current_object()
    if provider_texts.own_texts(here):
        return _draw_browser_words()
    return _browser_words.load(provider_texts.text_key(here, ""), _draw_browser_words)


def _draw_browser_words() -> Markup:
    drawn = render_template("layouts/_browser_words.html").strip()
    return Markup(drawn)  # noqa: S704 - drawn by a template, which escapes
