"""The steps of the first day, from an empty portal to the first answered case: words, addresses and what is next."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import get_flashed_messages, url_for
from flask_babel import gettext as _

from portal.admin.queries.get_started import SetupFacts, setup_facts
from portal.authz.access import can
from portal.authz.permissions import Permission
from portal.kernel.context import Context
from portal.web import current

# Steps that a provider may leave out for good, in their order.
OPTIONAL = (
    *("zone", "support_ways", "calendar", "holidays", "policy", "assignment"),
    *("departments", "team", "environment", "mailbox"),
)


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step: what to do and why, where, and whether the database says that it is done."""

    key: str
    title: str
    text: str
    href: str
    done: bool
    skipped: bool = False

    @property
    def open(self) -> bool:
        """Whether it waits for somebody."""
        return not self.done and not self.skipped

    @property
    def optional(self) -> bool:
        """Whether it may be skipped."""
        return self.key in OPTIONAL


def find_steps(ctx: Context) -> list[SetupStep]:
    """The steps in their order. One statement."""
    facts, skipped = setup_facts(ctx), set(ctx.provider.skipped_steps)
    return [
        SetupStep(key, title, text, href, done, skipped=key in skipped and not done)
        for group in (_portal_steps, _promise_steps, _team_steps, _client_steps, _case_steps)
        for key, title, text, href, done in group(ctx, facts)
    ]


def next_step(steps: Sequence[SetupStep]) -> SetupStep | None:
    """The first open step; None when all are done or skipped."""
    return next((step for step in steps if step.open), None)


def next_setup_step() -> SetupStep | None:
    """For the page after a saved form: the step that comes now. None where nothing was just saved, where the reader
    does not configure, and once everything is set up."""
    ctx = current.ctx()
    saved = any(flashed[0] == "success" for flashed in get_flashed_messages(with_categories=True))
    if not saved or not can(ctx.actor, Permission.PROVIDER_CONFIGURE):
        return None
    return next_step(find_steps(ctx))


def first_page(ctx: Context) -> str:
    """Where somebody who configures lands after signing in while the portal cannot serve a customer yet; else ''."""
    if not ctx.actor.is_staff or not can(ctx.actor, Permission.PROVIDER_CONFIGURE):
        return ""
    unserved = any(step.open and not step.optional for step in find_steps(ctx))
    return url_for("admin.get_started") if unserved else ""


StepFacts = tuple[str, str, str, str, bool]


def _portal_steps(ctx: Context, facts: SetupFacts) -> list[StepFacts]:
    return [
        (
            "zone",
            _("Choose the time zone and the language"),
            _(
                "Times are in %(zone)s now. People who have not chosen a zone of their own see them like this.",
                zone=ctx.provider.zone,
            ),
            url_for("admin.settings"),
            facts.zone,
        ),
    ]


def _promise_steps(ctx: Context, facts: SetupFacts) -> list[StepFacts]:
    hours = url_for("promises.calendars" if facts.calendar else "promises.new_calendar")
    return [
        (
            "calendar",
            _("Set the support hours"),
            _("When you are open. Promised times count these hours only."),
            hours,
            facts.calendar,
        ),
        (
            "holidays",
            _("Add the public holidays"),
            _("Choose a country at the support hours; time is not counted on its holidays."),
            hours,
            facts.holidays,
        ),
        (
            "policy",
            _("Promise response times"),
            _("A policy says for each severity how soon you answer and solve."),
            url_for("promises.policies" if facts.policy else "promises.new_policy"),
            facts.policy,
        ),
        (
            "assignment",
            _("Say for whom the policy holds"),
            _("For everybody, or for single clients. Until then nobody is promised anything."),
            url_for("promises.assignments" if facts.assignment else "promises.assignment_of_everybody"),
            facts.assignment,
        ),
    ]


def _team_steps(ctx: Context, facts: SetupFacts) -> list[StepFacts]:
    departments = url_for("admin.new_department")
    if facts.department:
        first = facts.unrouted_type
        departments = url_for("admin.request_type", type_id=first) if first else url_for("admin.request_types")
    return [
        (
            "request_types",
            _("Look at the request types"),
            _("The tiles that customers choose from. The portal begins with one."),
            url_for("admin.request_types"),
            facts.request_types,
        ),
        (
            "departments",
            _("Route cases to departments"),
            _("There are departments. Open a request type and choose the one that its cases go to.")
            if facts.department
            else _("Add a department, then choose it at a request type. Without one, every agent sees every new case."),
            departments,
            facts.department and facts.routing,
        ),
        (
            "team",
            _("Add your team"),
            _("Agents who answer, and their leads. Each gets an invitation by email."),
            url_for("admin.new_staff"),
            facts.team,
        ),
    ]


def _client_steps(ctx: Context, facts: SetupFacts) -> list[StepFacts]:
    return [
        (
            "account",
            _("Add the first client"),
            _("A company and its account. Case numbers start with the key of the account, for example ACME-1."),
            url_for("admin.new_account"),
            facts.account,
        ),
        (
            "environment",
            _("Name the environments"),
            _("Where the client's people work: production, a test system, a site."),
            url_for("admin.accounts"),
            facts.environment,
        ),
        (
            "people",
            _("Bring in the client's people"),
            _("From a file, with whole companies in it. One by one, or several at once: on the page of the company."),
            url_for("admin.people_import"),
            facts.people,
        ),
        (
            "support_ways",
            _("Say how customers reach you"),
            _("A phone number or an email address, shown on every page of the portal. Name and logo are there, too."),
            url_for("admin.branding"),
            facts.support_ways,
        ),
        (
            "mailbox",
            _("Read a mailbox"),
            _("Then emails to your support address become cases, and answers by email arrive."),
            url_for("mail.mailboxes"),
            facts.mailbox,
        ),
    ]


def _case_steps(ctx: Context, facts: SetupFacts) -> list[StepFacts]:
    return [
        (
            "case",
            _("Have the first case opened"),
            _("Somebody of the client signs in and opens it. You can also open it for them, as after a call."),
            "/desk/new" if can(ctx.actor, Permission.CASE_OPEN_FOR_OTHERS) else "",
            facts.case,
        ),
        (
            "answer",
            _("Answer it"),
            _("With the first answer the portal works: from the customer to you, and back."),
            "/desk/queue/all" if can(ctx.actor, Permission.DESK_USE) else "",
            facts.answer,
        ),
    ]
