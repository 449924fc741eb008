"""The models of cases."""

from sqlalchemy import ForeignKeyConstraint

from portal.cases.models.answer_values import AnswerValue
from portal.cases.models.case import CASE, PLACE, Case, CaseLocation
from portal.cases.models.conversation import Message
from portal.cases.models.default_accounts import DefaultAccount
from portal.cases.models.delayed_replies import DelayedReply
from portal.cases.models.links import CaseLink
from portal.cases.models.people import CaseExclusion, CaseGrant, CaseSubscription
from portal.cases.models.request_types import RequestType
from portal.cases.models.saved_views import SavedView, SavedViewPin
from portal.cases.models.severity_levels import SeverityLevel
from portal.cases.models.severity_question import SeverityAnswer
from portal.cases.models.tags import CaseTag, Tag
from portal.kernel.events import Event

__all__ = [
    "AnswerValue",
    "Case",
    "CaseExclusion",
    "CaseGrant",
    "CaseLink",
    "CaseLocation",
    "CaseSubscription",
    "CaseTag",
    "DefaultAccount",
    "DelayedReply",
    "Message",
    "RequestType",
    "SavedView",
    "SavedViewPin",
    "SeverityAnswer",
    "SeverityLevel",
    "Tag",
]

# The event model of the kernel imports no feature, so the key that keeps events inside the case's tenant is added here
# (wall b).
Event.__table__.append_constraint(ForeignKeyConstraint(PLACE, CASE))  # type: ignore[attr-defined]
