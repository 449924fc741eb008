"""The approvals of the demo: rules, and cases that wait, were approved and were refused, by the actions of people."""

from dataclasses import replace

from portal.approvals.actions.answers import answer
from portal.approvals.actions.rules import RuleFacts, StepFacts, add_rule
from portal.cases.actions.opening import Opening, submit
from portal.cases.queries import detail
from portal.demo.build import BuiltProvider
from portal.demo.specs import ApprovalSpec, ApprovedCaseSpec
from portal.identity.queries import primary_email
from portal.kernel.context import Context
from portal.kernel.database import Tenancy, bind
from portal.tenants.queries import actors


def play_approvals(ctx: Context, built: BuiltProvider, spec: ApprovalSpec) -> None:
    """Add the rule of *spec* and open its cases; *ctx* is the system's."""
    bind(ctx.session, Tenancy.of(ctx.actor))
    people = "\n".join(" / ".join(primary_email(ctx, built.people[key].id) for key in pair) for pair in spec.approvers)
    add_rule(
        ctx,
        RuleFacts(
            name=spec.name,
            active=True,
            position=1,
            client=spec.account,
            request_type_id=built.types[spec.type].id,
            environment_kind=spec.environment_kind,
            severity=None,
            steps=[StepFacts("one", 1, (), people)],
            due_hours=spec.due_hours,
            remind_hours=24,
            pauses=True,
        ),
    )
    for case in spec.cases:
        _play(ctx, built, spec, case)
    bind(ctx.session, Tenancy.of(ctx.actor))


def _play(ctx: Context, built: BuiltProvider, spec: ApprovalSpec, plan: ApprovedCaseSpec) -> None:
    opener = _act(replace(ctx, now=ctx.now - plan.ago), built, plan.by)
    environment = built.environments[spec.account, plan.environment]
    opening = Opening(
        subject=plan.subject,
        description=plan.description,
        environment_id=environment.id,
        severity=4,
        visibility="shared",
    )
    case = submit(opener, built.accounts[spec.account], built.types[spec.type], opening)
    if plan.answer:
        who, approves, reason, later = plan.answer
        approver = _act(replace(ctx, now=ctx.now - plan.ago + later), built, who)
        answer(approver, detail.by_id(approver, case.id, lock=True), approves=approves, reason=reason)


def _act(ctx: Context, built: BuiltProvider, key: str) -> Context:
    """A context of somebody on the portal."""
    bind(ctx.session, Tenancy.of(ctx.actor))
    person = built.people[key]
    actor = actors.contact_actors(ctx, [person])[person.id]
    acting = replace(ctx, actor=actor, person=person, channel="portal", caches={})
    bind(ctx.session, Tenancy.of(actor))
    return acting
