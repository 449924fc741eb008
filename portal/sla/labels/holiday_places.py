"""Countries and regions with public holidays, by name."""

from functools import lru_cache

from babel import Locale
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from portal.kernel.text import fold
from portal.sla.engine.calendar import holiday_places
from portal.web.times import reader_locale


@lru_cache(maxsize=8)
def _sorted_countries(locale: Locale) -> tuple[tuple[str, str], ...]:
    """(code, name in *locale*), in alphabetical order."""
    found = [(code, locale.territories.get(code) or code) for code in holiday_places()]
    return tuple(sorted(found, key=lambda row: fold(row[1])))


def country_name(code: str) -> str:
    """The name of the country in the reader's language; the code itself where it has none."""
    return reader_locale().territories.get(code) or code


def region_name(country: str, code: str) -> str:
    """The name of a region as the people of *country* write it; the code itself where it has none."""
    return holiday_places().get(country, {}).get(code, code)


def place_name(country: str, region: str) -> str:
    """ "Germany" or "Germany, Bayern"."""
    return f"{country_name(country)}, {region_name(country, region)}" if region else country_name(country)


def country_choices(kept: str) -> list[SelectChoice]:
    """'' for no public holidays, then each country by name; *kept* is a choice even where it is not known."""
    return _with_kept([SelectChoice("", _("No public holidays"))], _sorted_countries(reader_locale()), kept)


def region_choices(country: str, kept: str) -> list[SelectChoice]:
    """'' for the holidays of the whole *country*, then its regions by name; *kept* is a choice even where it is not
    known. Only the first for a country whose regions have no holidays of their own."""
    regions = sorted(holiday_places().get(country, {}).items(), key=lambda row: fold(row[1]))
    return _with_kept([SelectChoice("", _("The whole country"))], tuple(regions), kept)


def _with_kept(first: list[SelectChoice], rows: tuple[tuple[str, str], ...], kept: str) -> list[SelectChoice]:
    """*kept* is what is stored or was sent: the page shows it, and what it refuses."""
    unknown = [] if not kept or any(code == kept for code, _name in rows) else [(kept, kept)]
    return first + [SelectChoice(code, name) for code, name in (*rows, *unknown)]
