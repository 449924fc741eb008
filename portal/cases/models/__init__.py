"""The case and what hangs on it."""

from sqlalchemy import ForeignKeyConstraint

from portal.cases.models.case import CASE, PLACE, Case
from portal.cases.models.catalogue import RequestType, SeverityAnswer, SeverityLevel
from portal.cases.models.links import CaseLink
from portal.cases.models.message import Message
from portal.cases.models.people import CaseExclusion, CaseFollow, CaseGrant
from portal.kernel.events import Event

__all__ = [
    "Case",
    "CaseExclusion",
    "CaseFollow",
    "CaseGrant",
    "CaseLink",
    "Message",
    "RequestType",
    "SeverityAnswer",
    "SeverityLevel",
]

# The kernel's events know no feature; that those with a case stay inside its tenant is said here (wall b).
Event.__table__.append_constraint(ForeignKeyConstraint(PLACE, CASE))  # type: ignore[attr-defined]
