"""The words and numbers of reports in the reader's language."""

import datetime as dt

from babel.dates import format_date
from babel.numbers import format_decimal
from flask_babel import gettext as _

from portal.reports.engine.months import Month
from portal.reports.queries.overview import ANSWERED, OPENED, RATED, RESOLVED, Figure
from portal.sla.labels.durations import duration
from portal.web.times import reader_locale

# Under this number of cases a median says little, and the page says so.
FEW = 10


def month_label(month: Month) -> str:
    """ "Nov 2026"."""
    return format_date(month.day, format="LLL y", locale=reader_locale())


def measure_label(measure: str) -> str:
    return {
        OPENED: _("Opened"),
        ANSWERED: _("First answer"),
        RESOLVED: _("Resolution"),
        RATED: _("Satisfaction"),
    }[measure]


def middle_label(measure: str, figure: Figure) -> str:
    """The median of a time, or the average score, as the reader writes it."""
    if figure.middle is None:
        return ""
    if measure == RATED:
        return format_decimal(figure.middle, format="0.0", locale=reader_locale())
    return duration(dt.timedelta(seconds=figure.middle))


def most_label(figure: Figure) -> str:
    """What nine of ten stayed below."""
    return duration(dt.timedelta(seconds=figure.most)) if figure.most is not None else ""
