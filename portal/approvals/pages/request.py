"""What the page of a request shows, on both sides."""

from typing import Any

from portal.approvals import labels
from portal.approvals.models import ApprovalRequest
from portal.approvals.queries.views import request_values
from portal.cases.models import Case
from portal.kernel.context import Context


def page_values(context: Context, case: Case, row: ApprovalRequest) -> dict[str, Any]:
    """The values of the two pieces of the page of *row*, for its reader, with the words of the page."""
    return {"approval_labels": labels, **request_values(context, case, row)}
