"""A provider's own words for things of the interface: "Submit a request" where we say "Open a case".

What can be renamed stands in `tenants.phrasebook`. Every language that a provider does not word itself speaks as usual.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import g, has_app_context
from flask_babel import Domain, get_locale


class ProviderDomain(Domain):
    """Translations in which the words of the provider at hand come first."""

    def get_translations(self) -> Any:
        """As Flask-Babel calls it, for templates and for `_()`."""
        plain = super().get_translations()
        own = current_texts()
        return ProviderTranslations(plain, own) if own else plain


class ProviderTranslations:
    """*plain* translations, with *own* texts in front of them."""

    def __init__(self, plain: Any, own: Mapping[str, str]) -> None:
        self.plain, self._own = plain, own

    def ugettext(self, text: str) -> str:
        """*text* in the provider's words, else in the language."""
        return self._own.get(text) or self.plain.ugettext(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)


@contextmanager
def use_texts_of(provider: Any) -> Iterator[None]:
    """Speak the words of *provider* where there is no request: in mails."""
    before = g.get("words_of")
    g.words_of = provider
    try:
        yield
    finally:
        g.words_of = before


def current_texts() -> Mapping[str, str]:
    """The own words of the provider at hand in the language that is spoken now."""
    return texts_of_request(g._get_current_object()) if has_app_context() else {}


def texts_of_request(here: Any) -> Mapping[str, str]:
    """The same where *here* (what stands behind `g`) is known: a page asks for every word it says."""
    provider = here.get("words_of") or getattr(here.get("ctx"), "provider", None)
    phrases: Mapping[str, Any] = getattr(provider, "phrases", None) or {}
    return phrases.get(str(get_locale() or ""), {}) if phrases else {}
