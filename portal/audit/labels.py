"""The journal of access in words."""

from flask_babel import gettext as _

from portal.audit.models import AS_CUSTOMER, FILE, StaffAccess


def access_label(access: StaffAccess) -> str:
    """What somebody of the staff did."""
    if access.kind == FILE:
        return _("Downloaded files")
    if access.kind == AS_CUSTOMER:
        return _("Viewed the case as its contact sees it")
    return _("Opened the case")


def reason_sentence(access: StaffAccess) -> str:
    """Why they could, or what they gave as the reason."""
    if access.stated:
        return access.stated
    return {
        "owner": _("Owner of the case"),
        "department": _("Works in the department of the case"),
        "account": _("Looks after the account"),
    }[access.relation]
