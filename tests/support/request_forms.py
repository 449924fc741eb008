"""Own fields on the forms of request types."""

from typing import Any

from portal.cases.engine.request_fields import Choice, Condition, RequestField
from portal.cases.models import RequestType

# Nothing is required, so that forms that know nothing of it are still accepted.
VEHICLES = (Choice("c1", {"en": "Car"}), Choice("c2", {"en": "Van"}))
FIELDS = (
    RequestField("plate", "text", {"en": "Number plate"}),
    RequestField("vehicle", "choice", {"en": "Vehicle"}, choices=VEHICLES),
    RequestField("papers", "paragraph", {"en": "Papers"}, shown_when=Condition("vehicle", ("c2",))),
    RequestField("arrives_at", "moment", {"en": "Arrives"}),
    RequestField("people", "number", {"en": "How many"}),
    RequestField("host", "person", {"en": "Host"}),
)


def ask_fields(session: Any) -> None:
    """Give all request types that *session* sees a form of their own."""
    for row in session.query(RequestType):
        row.own_fields = [one.to_stored() for one in FIELDS]
    session.flush()
