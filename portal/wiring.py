"""What follows from what. Reactions run in the same transaction; consumers get one delivery each, after commit."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import portal.admin.policies
import portal.cases.policies
import portal.identity.policies
import portal.notifications.policies
import portal.search.policies
import portal.surveys.policies
import portal.tenants.policies  # noqa: F401 - scopes register themselves
from portal.kernel.events import Reaction
from portal.kernel.jobs import Handler
from portal.web.guards import Feature

ROOT = Path(__file__).parent.parent

FEATURES: list[Feature] = []

REACTIONS: Mapping[str, Sequence[Reaction]] = {}

CONSUMERS: Mapping[str, Sequence[Reaction]] = {}

DUE: Mapping[str, Handler] = {}
