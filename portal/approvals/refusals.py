"""Sentences for what cannot be done with a question for a yes any more."""

from typing import Any

from flask_babel import gettext as _

from portal.approvals.rules import ApprovalState


def ended_sentence(row: Any) -> str:
    """That the request *row* has ended, and how."""
    name = row.ended_by.name if row.ended_by is not None else ""
    if row.state == ApprovalState.APPROVED and name:
        return _("%(name)s has answered already: approved.", name=name)
    if row.state == ApprovalState.REFUSED and name:
        return _("%(name)s has answered already: refused.", name=name)
    if row.state == ApprovalState.EXPIRED:
        return _("Nobody answered in time, so the question has ended.")
    if row.state == ApprovalState.WITHDRAWN:
        return _("The question was taken back.")
    return _("This question has ended.")
