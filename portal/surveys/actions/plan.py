"""Changing a provider's survey rules."""

from typing import Any

from flask_babel import gettext as _

from portal.authz.access import require
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.kernel.errors import Refused
from portal.kernel.events import record
from portal.surveys.engine.invitations import LOW_TO, PER, TRIGGERS, SurveyTerms
from portal.surveys.models import SurveyPlan
from portal.surveys.queries.plan import plan_row, terms_of


def change_plan(ctx: Context, terms: SurveyTerms) -> None:
    """Set the provider's survey rules to *terms*; records `survey_plan.changed` with old and new. Raises Refused for an
    invalid rule."""
    require(ctx.actor, Permission.PROVIDER_CONFIGURE)
    _check(terms)
    row = plan_row(ctx, lock=True)
    before = terms_of(row)
    changed = {
        name: [_plain(getattr(before, name)), _plain(getattr(terms, name))]
        for name in SurveyTerms.__dataclass_fields__
        if getattr(before, name) != getattr(terms, name)
    }
    if not changed:
        return
    if row is None:
        row = SurveyPlan(provider_id=ctx.provider_id, version=0)
        ctx.session.add(row)
    for name in SurveyTerms.__dataclass_fields__:
        setattr(row, name, _plain(getattr(terms, name)))
    row.version += 1
    ctx.session.flush()
    record(ctx, "survey_plan.changed", row, changed=changed)


def _check(terms: SurveyTerms) -> None:
    if terms.trigger not in TRIGGERS:
        raise Refused(_("Choose one of the answers shown"), "trigger")
    if terms.per not in PER:
        raise Refused(_("Choose one of the answers shown"), "per")
    for name, low, high in (("sampling", 0, 100), ("quiet_days", 0, 365), ("follow_up_days", 1, 90)):
        value = getattr(terms, name)
        if not isinstance(value, int) or not low <= value <= high:
            raise Refused(_("Write a whole number from %(low)d to %(high)d", low=low, high=high), name)
    if not terms.low_to or set(terms.low_to) - set(LOW_TO):
        raise Refused(_("Choose at least one"), "low_to")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
