"""Words about articles for a reader: languages, audiences, states, and names of categories."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from babel import Locale
from flask_babel import format_date, get_locale
from flask_babel import lazy_gettext as _l

from portal.kernel.context import Context
from portal.knowledge.engine import audiences
from portal.knowledge.models import HelpCategory
from portal.web.language import ENGLISH, LANGUAGES, supported_language

AUDIENCE_CHOICES = (
    (audiences.STAFF, _l("Only our team")),
    (audiences.SIGNED_IN, _l("Everybody who is signed in")),
    (audiences.ORGANIZATIONS, _l("People of the clients named below")),
    (audiences.ROLES, _l("People with one of the roles ticked below")),
    (audiences.EVERYBODY, _l("Everybody, also without signing in")),
)
AUDIENCE_LABELS = {
    audiences.STAFF: _l("Our team"),
    audiences.SIGNED_IN: _l("Signed in"),
    audiences.ORGANIZATIONS: _l("Some clients"),
    audiences.ROLES: _l("Some roles"),
    audiences.EVERYBODY: _l("Everybody"),
}
STATE_LABELS = {
    audiences.DRAFT: _l("Draft"),
    audiences.PUBLISHED: _l("Published"),
    audiences.WITHDRAWN: _l("Withdrawn"),
}


def reader_languages(ctx: Context, wished: str = "") -> Sequence[str]:
    """The languages in which the reader gets an article, the best first: the *wished* one, that of the page, that of
    the provider, English."""
    own = supported_language(str(ctx.provider.locale))
    found = (supported_language(wished), supported_language(str(get_locale() or "")), own, ENGLISH)
    return list(dict.fromkeys(code for code in found if code))


def language_name(code: str) -> str:
    """The name of the language *code* in that language."""
    return str(Locale.parse(code).get_display_name() or code).capitalize() if code in LANGUAGES else code


def language_choices(ctx: Context) -> list[tuple[str, str]]:
    """(code, name) of the portal's languages, the provider's own first."""
    own = supported_language(str(ctx.provider.locale))
    codes = sorted(LANGUAGES, key=lambda code: (code != own, LANGUAGES.index(code)))
    return [(code, language_name(code)) for code in codes]


def category_name(category: HelpCategory, languages: Sequence[str]) -> str:
    """The name of *category* in the first of *languages* that it has, else in any."""
    names: dict[str, Any] = category.names
    return str(next((names[code] for code in languages if names.get(code)), next(iter(names.values()), category.slug)))


def audience_label(audience: str) -> str:
    """Who reads an article with this *audience*."""
    return str(AUDIENCE_LABELS.get(audience, audience))


def date_label(day: dt.date) -> str:
    """*day* with its year."""
    return str(format_date(day, "d MMM y"))


def state_label(state: str) -> str:
    """The name of an article's *state*."""
    return str(STATE_LABELS.get(state, state))
