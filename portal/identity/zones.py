"""Time zones and languages as people may choose them."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from flask_babel import get_babel
from wtforms.fields import SelectChoice

from portal.web.language import LANGUAGES

_CONTINENTS = (
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """IANA zones named after places, by name; `UTC` last."""
    places = sorted(name for name in available_timezones() if name.partition("/")[0] in _CONTINENTS)
    return (*places, "UTC")


def zones(now: dt.datetime, first: str) -> list[SelectChoice]:
    """'' (named *first*: the provider's own zone), then each zone with its time of day at *now*, by continent."""
    choices = [SelectChoice("", first)]
    for name in zone_names():
        continent, _slash, place = name.partition("/")
        label = f"{(place or name).replace('_', ' ')} ({now.astimezone(ZoneInfo(name)):%H:%M})"
        choices.append(SelectChoice(name, label, optgroup=continent))
    return choices


def languages(own: str) -> list[SelectChoice]:
    """The languages that this installation speaks, and the person's *own*, each in its own words."""
    translated = {str(locale) for locale in get_babel().instance.list_translations()}
    offered = [code for code in LANGUAGES if code == "en" or code in translated or code == own]
    return [SelectChoice(code, str(Locale.parse(code).get_display_name() or code).capitalize()) for code in offered]
