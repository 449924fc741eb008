"""Time zones and languages as people may choose them."""

import datetime as dt
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields import SelectChoice

from portal.kernel.text import fold
from portal.web import language
from portal.web.times import reader_locale

# The first part of an IANA name, as people call it.
_REGIONS: dict[str, Any] = {
    "Africa": _l("Africa"),
    "America": _l("America"),
    "Antarctica": _l("Antarctica"),
    "Asia": _l("Asia"),
    "Atlantic": _l("Atlantic"),
    "Australia": _l("Australia"),
    "Europe": _l("Europe"),
    "Indian": _l("Indian Ocean"),
    "Pacific": _l("Pacific"),
}


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """IANA zones named after places, by name; `UTC` last."""
    places = sorted(name for name in available_timezones() if name.partition("/")[0] in _REGIONS)
    return (*places, "UTC")


@lru_cache(maxsize=8)
def _sorted_zones(locale: Locale) -> tuple[tuple[str, str, str, ZoneInfo], ...]:
    """(continent, IANA name, name of the place in *locale*, zone), in alphabetical order. The zones are kept here,
    because `zoneinfo` keeps eight and would read the others from files for each page."""
    found = []
    for name in zone_names():
        region, _slash, place = name.partition("/")
        rest, _slash, last = (place or name).rpartition("/")
        city = locale.time_zones.get(name, {}).get("city") or last
        shown = f"{rest}/{city}".strip("/").replace("_", " ")
        found.append((region if place else "", name, shown, ZoneInfo(name)))
    return tuple(sorted(found, key=lambda row: (row[0] or "~", fold(row[2]))))


def zone_choices(now: dt.datetime, first: str) -> list[SelectChoice]:
    """'' (named *first*: the provider's own zone), then each zone with its time of day at *now*, by continent."""
    groups = {region: str(name) for region, name in _REGIONS.items()}
    return [SelectChoice("", first)] + [
        SelectChoice(name, f"{place} ({now.astimezone(zone):%H:%M})", optgroup=groups.get(region))
        for region, name, place, zone in _sorted_zones(reader_locale())
    ]


def language_name(code: str) -> str:
    """The name of a language in that language: "Polski"."""
    return str(Locale.parse(code).get_display_name() or code).capitalize()


def language_choices(provider: Any) -> list[SelectChoice]:
    """'' (the provider's language), then those of this installation, each by its own name."""
    theirs = language_name(language.language_of(None, provider) or language.ENGLISH)
    first = SelectChoice("", _("Same as %(name)s: %(language)s", name=provider.called, language=theirs))
    return [first, *(SelectChoice(code, language_name(code)) for code in language.LANGUAGES)]
