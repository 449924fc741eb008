"""A provider's own words for texts of the interface: "Submit a request" instead of "Open a case".

`tenants.renamable_texts` lists what can be renamed. In a language without own words the built-in texts are used.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import g, has_app_context
from flask_babel import Domain, get_locale


class ProviderDomain(Domain):
    """Translations in which the words of the current provider take precedence."""

    def get_translations(self) -> Any:
        """As Flask-Babel calls it, for templates and for `_()`."""
        plain = super().get_translations()
        own = current_texts()
        return ProviderTranslations(plain, own) if own else plain


class ProviderTranslations:
    """*plain* translations; *own* texts take precedence."""

    def __init__(self, plain: Any, own: Mapping[str, str]) -> None:
        self.plain, self._own = plain, own

    def ugettext(self, text: str) -> str:
        """*text* in the provider's words, else in the language."""
        return self._own.get(text) or self.plain.ugettext(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)


@contextmanager
def use_texts_of(provider: Any) -> Iterator[None]:
    """Use the words of *provider* outside a request, for mails."""
    before = g.get("words_of")
    g.words_of = provider
    try:
        yield
    finally:
        g.words_of = before


def current_texts() -> Mapping[str, str]:
    """The own words of the current provider in the current language."""
    return texts_of_request(g._get_current_object()) if has_app_context() else {}


def texts_of_request(here: Any) -> Mapping[str, str]:
    """Like `current_texts`, with *here* (the object behind `g`) given, because a page calls it for every text."""
    provider = here.get("words_of") or getattr(here.get("ctx"), "provider", None)
    phrases: Mapping[str, Any] = getattr(provider, "phrases", None) or {}
    return phrases.get(str(get_locale() or ""), {}) if phrases else {}
