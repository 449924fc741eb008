"""/admin/escalation-rules (A-10): escalation rules, and a dry run over the last 30 days."""

import uuid
from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _

from portal.cases.queries.staff import possible_owners
from portal.kernel.context import Context
from portal.sla import labels
from portal.sla.actions import escalation as actions
from portal.sla.actions.escalation import RECIPIENT_GROUPS
from portal.sla.engine.policy import ClockKind
from portal.sla.forms.escalation import RuleForm, StepRows, recipient_choices
from portal.sla.labels.names import effect_label, recipient_label
from portal.sla.models import EscalationRule
from portal.sla.models.escalation import EFFECTS
from portal.sla.queries import escalation as queries
from portal.sla.queries import policies as policy_queries
from portal.sla.routes.blueprint import configures, expected_version, find_chosen, level_names, promises, reads
from portal.web.current import ctx
from portal.web.form_flow import submit_form
from portal.web.htmx import page, see


@promises.get("/admin/escalation-rules")
@reads
def rules() -> Any:
    """The rules with their steps."""
    context = ctx()
    return page(
        "sla/escalation/index.html",
        rows=queries.rules(context),
        policies={row.id: row.name for row in policy_queries.policies(context)},
        staff=dict(possible_owners(context)),
        levels=level_names(context),
        labels=labels,
        effect_label=effect_label,
        recipient_label=recipient_label,
        groups=RECIPIENT_GROUPS,
    )


@promises.get("/admin/escalation-rules/new")
@configures
def new_rule() -> Any:
    """An empty rule for promises that are broken."""
    form = RuleForm(formdata=None, kinds=[ClockKind.FIRST_RESPONSE.value, ClockKind.RESOLUTION.value], active=True)
    return show_form(ctx(), None, form, StepRows([]))


@promises.post("/admin/escalation-rules/new")
@configures
def add_rule() -> Any:
    """Store it, or try it on past clocks."""
    return submit(ctx(), None)


@promises.get("/admin/escalation-rules/<uuid:rule_id>")
@reads
def rule(rule_id: uuid.UUID) -> Any:
    """The page of one rule."""
    context = ctx()
    row = queries.rule(context, rule_id)
    form = RuleForm(
        formdata=None,
        name=row.name,
        policy=str(row.policy_id or ""),
        kinds=list(row.kinds),
        severities=[str(rank) for rank in row.severities],
        active=row.active,
        version=str(row.version),
    )
    return show_form(context, row, form, StepRows.from_steps(row.steps))


@promises.post("/admin/escalation-rules/<uuid:rule_id>")
@configures
def change_rule(rule_id: uuid.UUID) -> Any:
    """Save it, or try it on past clocks."""
    context = ctx()
    return submit(context, queries.rule(context, rule_id))


def submit(context: Context, row: EscalationRule | None) -> Any:
    """Do what the pressed button asks for; the page keeps the typed values."""
    form, steps = RuleForm(), StepRows.from_request()
    policies = fill_choices(context, form)
    form.steps = steps
    answers: list[Any] = []
    status = submit_form(form, lambda: answers.append(perform(context, row, form, steps, policies)))
    if status == 409 and row is not None:
        row = queries.rule(context, row.id)
        form.version.data = str(row.version)
    return show_form(context, row, form, steps, status) if status else answers[0]


def perform(context: Context, row: EscalationRule | None, form: RuleForm, steps: StepRows, policies: list[Any]) -> Any:
    """Try or save the values of the form; returns the answer."""
    policy = find_chosen(form.policy.data, policies)
    ranks = [int(rank) for rank in form.severities.data or []]
    values: dict[str, Any] = {
        "name": form.name.data,
        "kinds": form.kinds.data or [],
        "severities": ranks,
        "policy": policy,
    }
    designs = steps.designs()
    if form.do.data == "try":
        found = queries.dry_run(
            context,
            kinds=values["kinds"],
            severities=ranks,
            policy_id=policy.id if policy else None,
            percents=sorted({design.percent for design in designs}),
        )
        return show_form(context, row, form, steps, tried=found)
    if row is None:
        made = actions.add_rule(context, **values, steps=designs)
        flash(_("%(name)s applies from now on.", name=made.name), "success")
        return see(url_for("promises.rules"))
    actions.change_rule(
        context, row, **values, steps=designs, active=bool(form.active.data), seen=expected_version(form)
    )
    flash(_("Saved."), "success")
    return see(url_for("promises.rules"))


def fill_choices(context: Context, form: RuleForm) -> list[Any]:
    """Fill the choices; returns the policies."""
    policies = list(policy_queries.policies(context))
    form.policy.choices = [("", _("Every policy")), *((str(row.id), row.name) for row in policies)]
    if not form.policy.data and len(policies) < 2:
        form.policy.choices = form.policy.choices[:1]
    form.kinds.choices = [(kind.value, labels.kind_label(kind)) for kind in ClockKind]
    form.severities.choices = [(str(rank), f"{rank} {name}") for rank, name in sorted(level_names(context).items())]
    return policies


def show_form(
    context: Context, row: EscalationRule | None, form: RuleForm, steps: StepRows, status: int = 200, **values: Any
) -> Any:
    """The page around the form."""
    fill_choices(context, form)
    staff = possible_owners(context)
    return page(
        "sla/escalation/edit.html",
        status,
        row=row,
        form=form,
        steps=steps,
        effects=[(does, effect_label(does)) for does in EFFECTS],
        recipients=recipient_choices(staff),
        staff=staff,
        **{"tried": None, **values},
    )
