"""The labels of states: a provider's own words by language and side, else the built-in ones.

A label may depend on who spoke last, so that "Answered" and "Customer responded" are labels and not states. Keys of own
words: a state (`open`), a state with a marker (`open.answered`), or a marker alone (then it is shown beside the
status).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from portal.cases.models import Case
from portal.cases.states import UNRESOLVED, State, default_label
from portal.kernel.context import Context
from portal.kernel.request_cache import RequestCache

MARKERS = ("customer_replied", "answered")
# Who spoke last, as part of a filter token: 'none' while support has not answered, or a marker.
LAST_WORDS = ("none", *MARKERS)
SIDES = ("contact", "staff")
# Every key that a provider can give a word, in the order of the states.
KEYS = (
    *(state.value for state in State),
    *(f"{state}.{marker}" for state in State if state in UNRESOLVED for marker in MARKERS),
    *MARKERS,
)


def marker_of(case: Case) -> str:
    """'customer_replied' or 'answered' for an unresolved case that support has answered; else ''."""
    if not case.unresolved or case.first_answer_at is None:
        return ""
    return "customer_replied" if case.last_word == "customer" else "answered"


class Vocabulary:
    """The labels of one provider for one side in one language."""

    def __init__(self, own: Mapping[str, str], sentences: Mapping[str, str], side: str) -> None:
        self.side, self._own, self._sentences = side, own, sentences
        self._words: dict[str, str] = {}

    def word(self, state: str, marker: str = "") -> str:
        """The label of *state* while *marker* holds."""
        if marker and (found := self._own.get(f"{state}.{marker}")):
            return found
        if state not in self._words:
            self._words[state] = self._own.get(state) or default_label(state, self.side)
        return self._words[state]

    def of(self, case: Case) -> str:
        """The status word of *case*."""
        return self.word(case.state, marker_of(case))

    def sentence(self, case: Case) -> str:
        """The provider's sentence to customers about the state of *case*, or ''."""
        return self._sentences.get(f"{case.state}.{marker_of(case)}") or self._sentences.get(case.state, "")

    def marker(self, case: Case) -> tuple[str, str] | None:
        """(key, label) of the marker beside the status; None if there is none or the label of the status contains
        it."""
        key = marker_of(case)
        if not key or self._own.get(f"{case.state}.{key}"):
            return None
        label = self.marker_word(key)
        return (key, label) if label else None

    def marker_word(self, marker: str) -> str:
        """The label of *marker* alone, '' if it is not shown. Staff always see the marker of a customer's reply."""
        return self._own.get(marker) or (_("Customer replied") if (self.side, marker) == ("staff", MARKERS[0]) else "")

    def options(self) -> list[tuple[str, str]]:
        """(value, label) for a status filter. Each label occurs once; its value names all tokens with that label."""
        found: dict[str, list[str]] = {}
        for state in State:
            by_word: dict[str, list[str]] = {}
            for last in LAST_WORDS if state in UNRESOLVED else ("",):
                by_word.setdefault(self.word(state, last), []).append(last)
            for word, lasts in by_word.items():
                whole = len(by_word) == 1
                found.setdefault(word, []).extend([state.value] if whole else [f"{state.value}.{x}" for x in lasts])
        return [(",".join(tokens), word) for word, tokens in found.items()]


def is_token(value: str) -> bool:
    """Whether *value* is a token of a status filter: a state, or a state with who spoke last."""
    state, dot, last = value.partition(".")
    return state in set(State) and (not dot or (last in LAST_WORDS and State(state) in UNRESOLVED))


# By language and side.
_vocabularies: RequestCache[tuple[str, str], Vocabulary] = RequestCache()


def vocabulary(ctx: Context, side: str) -> Vocabulary:
    """The vocabulary of the context's provider for *side* ('contact' or 'staff') in the current language."""
    locale = str(get_locale() or getattr(ctx.provider, "locale", "") or "en").partition("_")[0]

    def build() -> Vocabulary:
        own: Mapping[str, Any] = (getattr(ctx.provider, "status_words", None) or {}).get(locale) or {}
        sentences = own.get("sentences", {}) if side == "contact" else {}
        return Vocabulary(own.get(side, {}), sentences, side)

    return _vocabularies.load(ctx, (locale, side), build)


def clear_vocabularies(ctx: Context) -> None:
    """Clear the vocabularies of this unit of work, after a change of the provider's words."""
    _vocabularies.clear(ctx)


def clean_words(words: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """*words* (side or 'sentences', then key, then text) without empty texts. Raises KeyError for an unknown key."""
    found: dict[str, dict[str, str]] = {}
    for part, texts in words.items():
        if part not in (*SIDES, "sentences"):
            raise KeyError(part)
        kept = {key: text for key, text in texts.items() if text}
        unknown: Iterable[str] = [key for key in kept if key not in KEYS]
        for key in unknown:
            raise KeyError(key)
        if kept:
            found[part] = kept
    return found


def severity_reason(facts: Mapping[str, Any]) -> str:
    """Why the severity changed: what somebody wrote, or that so many people joined the case."""
    if facts.get("joined"):
        return ngettext("It hits %(num)d more person", "It hits %(num)d more people", facts["joined"])
    return str(facts.get("reason", ""))
