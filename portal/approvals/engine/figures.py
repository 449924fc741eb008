"""How long answers took: an honest figure, or none. Pure."""

import datetime as dt
from collections.abc import Sequence
from statistics import median

# The figure is that of the last so many answers; with fewer than LEAST there is none.
LAST, LEAST = 20, 5


def median_time(times: Sequence[dt.timedelta]) -> dt.timedelta | None:
    """The median of *times*, which are the last LAST at most; None for fewer than LEAST."""
    if len(times) < LEAST:
        return None
    return dt.timedelta(seconds=median(one.total_seconds() for one in times[:LAST]))
