"""Kinds of identity providers, what belongs to an organization, and what identity providers say."""

import re
from collections.abc import Mapping
from typing import Any

GOOGLE, MICROSOFT, OPENID = "google", "microsoft", "openid"
# What a row of OrganizationDomain names: the domain of e-mail addresses, or a directory of Microsoft Entra (`tid`).
EMAIL_DOMAIN, DIRECTORY = "email", "microsoft"
# Where Microsoft is asked about people of several directories.
ANY_DIRECTORY = "organizations"
# The place of the directory in the issuer of Microsoft.
TENANT = "{tenant}"
_DIRECTORY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# What a token says, checked.
Claims = Mapping[str, Any]


def is_directory(text: str) -> bool:
    """Whether *text* is the id of a directory of Microsoft Entra."""
    return _DIRECTORY.fullmatch(text) is not None
