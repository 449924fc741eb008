"""The pages of approvals."""

from portal.approvals.routes import desk, organization, portal, rules
from portal.approvals.routes.blueprint import approvals

__all__ = ["approvals", "desk", "organization", "portal", "rules"]
