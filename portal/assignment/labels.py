"""The words of assignment."""

from flask_babel import lazy_gettext as _l

from portal.assignment.rules import Way

# (value, label) of every way, as the administration offers them.
WAYS = (
    (Way.BY_HAND.value, _l("Stay in “Unassigned”")),
    (Way.BY_TURN.value, _l("Go to its people by turn")),
    (Way.FEWEST_OPEN.value, _l("Go to whoever has the fewest")),
)
