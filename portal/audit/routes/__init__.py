"""The pages of audit: one resource a module."""

from portal.audit.routes import organization, security_events
from portal.audit.routes.blueprint import audit, organization_audit

__all__ = ["audit", "organization", "organization_audit", "security_events"]
