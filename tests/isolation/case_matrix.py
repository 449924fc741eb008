"""One case of every kind, each carrying words that stand nowhere else: where such a word shows, that case showed.

A mark reads `qq<kind>yy<part>zz`. Parts called INTERNAL may only ever be read by staff on the desk. `SEES` is the law
of DESIGN 2, written by hand for these people and cases: it shares no code with the product.
"""

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from portal.authz.roles import ContactRole
from portal.cases.actions import conversation, desk, links, people, resolution
from portal.cases.models import Case
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.identity import actions as identity
from portal.kernel.actor import Side
from portal.kernel.database import Tenancy, bind, db
from portal.surveys import actions as surveys
from portal.surveys.queries import open_survey
from portal.tenants.actions import accounts as account_actions
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions import staff as colleagues
from portal.tenants.models import Account, Contact, ImportDraft, Organization, StaffMember
from tests.support import acting
from tests.support.provider_world import WorldPerson
from tests.support.received_mails import receive_mail
from tests.support.world import World

MARK = re.compile(r"qq([a-z]+?)yy([a-z]+?)zz")
# Stands in every note and nowhere else.
NOTE_WORD = "whisperedword"
INTERNAL = frozenset({"note", "notefile", "handover", "followup"})
ALL_ACCOUNT_STAFF = ("ana", "lee", "ada", "aud", "dua")  # staff who see every account

# Who sees a case of this kind: contacts on the portal, staff on the desk.
SEES: dict[str, set[str]] = {
    "private": {"rita", *ALL_ACCOUNT_STAFF},
    "shared": {"rita", "mel", "cora", "olga", *ALL_ACCOUNT_STAFF},
    "behalf": {"cora", "jan", *ALL_ACCOUNT_STAFF},
    "bystaff": {"rita", *ALL_ACCOUNT_STAFF},
    "polish": {"piotr", "cora", "olga", *ALL_ACCOUNT_STAFF},
    "globex": {"gil", "gina", "dua@portal", "tom", *ALL_ACCOUNT_STAFF},
    "globexown": {"gina", "tom", *ALL_ACCOUNT_STAFF},
    "abroad": {"mel", "cora", "olga", "gil", "gina", "dua@portal", *ALL_ACCOUNT_STAFF},
    "copied": {"rita", "eve", "piotr", *ALL_ACCOUNT_STAFF},
    "named": {"mel", "cora", *ALL_ACCOUNT_STAFF},
    "barred": {"rita", "cora", "olga", "ana", "aud", "dua"},
    "adabar": {"rita", "ana", "lee", "aud", "dua"},
    "left": {*ALL_ACCOUNT_STAFF},
    "testing": {"mel", "cora", "olga", "ned", *ALL_ACCOUNT_STAFF},
    "solved": {"rita", *ALL_ACCOUNT_STAFF},
    "over": {"rita", *ALL_ACCOUNT_STAFF},
    "twin": {"mel", "cora", "olga", *ALL_ACCOUNT_STAFF},
    "moved": {"mel", *ALL_ACCOUNT_STAFF},
    "south": {"rob", "zoe", "sam", "sue"},
    "southown": {"zoe", "sam", "sue"},
    "solo": {"zoe", "sue"},
}
# Whoever reads a case's words elsewhere: support moved the case to an account where Cora is the contact.
ALSO_READS = {"moved": {"cora"}}
# People beside the world's own: see `add_people`.
NEW = ("eve", "max", "nia", "ned", "dua", "zed")


@dataclass
class MatrixCase:
    """One case of the matrix, with its files."""

    kind: str
    key: str
    id: uuid.UUID
    south: bool
    files: dict[str, uuid.UUID] = field(default_factory=dict)


@dataclass
class CaseMatrix:
    """Every case, person, file and link of the matrix."""

    world: World
    cases: dict[str, MatrixCase] = field(default_factory=dict)
    people: dict[str, WorldPerson] = field(default_factory=dict)
    staged: dict[str, uuid.UUID] = field(default_factory=dict)
    accounts: dict[str, uuid.UUID] = field(default_factory=dict)
    keys: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)

    def person(self, who: str) -> WorldPerson:
        return self.people.get(who) or self.world.person(who)


def mark(kind: str, part: str) -> str:
    """The word of one part of one case."""
    assert not re.search("yy|zz|qq", f"{kind} {part}") and kind[-1] != "y" != part[0], "marks must be told apart"
    return f"qq{kind}yy{part}zz"


def beginning(kind: str, part: str) -> str:
    """The beginning of a mark: it can be searched for, and a page that repeats the question shows no mark."""
    return mark(kind, part)[:-2]


def sees(who: str, kind: str, side: str) -> bool:
    """Whether *who* sees cases of *kind* on *side* ('portal' or 'desk')."""
    if who == "dua":
        return (f"{who}@portal" if side == "portal" else who) in SEES[kind]
    return who in SEES[kind] and side == ("desk" if who in (*ALL_ACCOUNT_STAFF, "tom", "sam", "sue") else "portal")


def reads(who: str, kind: str, side: str) -> bool:
    """Whether *who* may read the public words of *kind*."""
    return sees(who, kind, side) or who in ALSO_READS.get(kind, ())


def seen_by(who: str, side: str) -> set[str]:
    return {kind for kind in SEES if sees(who, kind, side)}


def marks_in(text: str) -> set[tuple[str, str]]:
    """The marks that *text* shows, in whatever letter case."""
    return set(MARK.findall(text.lower()))


# -- planting -------------------------------------------------------------------------------------------------------


def add_matrix_people(world: World, case_matrix: CaseMatrix) -> None:
    """Eve is only in copy; Max and Zed left; Nia has a place but no access; Ned has one environment; Dua works here
    and is a contact of Globex."""
    system = world.system()
    acme = world.row(Organization, world.organizations["Acme"])
    globex = world.row(Organization, world.organizations["Globex"])
    accounts, environments = world.accounts, world.environments

    def contact(key: str, name: str, organization: Organization, *grants: contact_actions.Grant) -> None:
        row = contact_actions.add_contact_by_email(
            system, organization, name=name, email=f"{key}@people.example", grants=grants, invite=False
        )
        case_matrix.people[key] = WorldPerson(
            key, row.user_id, name, f"{key}@people.example", world.northwind.host, Side.CONTACT, contact_id=row.id
        )

    role = ContactRole
    contact("max", "Max Weber", acme, contact_actions.Grant(accounts["ACME"].id, None, role.MEMBER))
    contact("nia", "Nia Long", acme, contact_actions.Grant(accounts["ACME"].id, None, role.MEMBER))
    contact(
        "ned",
        "Ned Stark",
        acme,
        contact_actions.Grant(accounts["ACME"].id, environments["ACME", "Test"].id, role.MEMBER),
    )
    contact("dua", "Dua Salim", globex, contact_actions.Grant(accounts["GLOBEX"].id, None, role.MEMBER))
    case_matrix.people["eve"] = world.add_person("Eve Outside", "eve@elsewhere.example")
    for key, name in (("dua", "Dua Salim"), ("zed", "Zed Former")):
        user = identity.add_person(system, name=name, email=f"{key}@people.example")
        member = colleagues.add_staff(system, user, role="agent", tier=1, all_accounts=True)
        known = case_matrix.people.get(key)
        case_matrix.people[key] = WorldPerson(
            key,
            user.id,
            name,
            f"{key}@people.example",
            world.northwind.host,
            Side.STAFF,
            staff_id=member.id,
            contact_id=known.contact_id if known else None,
        )
    solo = world.system(world.southgate)
    row = account_actions.add_account(
        solo, solo.session.get(Organization, world.southgate.organizations["Acme"].id), key="SOLO", name="Only here"
    )
    case_matrix.accounts["SOLO"] = row.id
    contact_actions.change_access(
        solo,
        solo.session.get(Contact, world.zoe.contact_id),
        grants=[
            contact_actions.Grant(a, None, role.ORGANIZATION_ADMIN)
            for a in (world.southgate.accounts["ACME"].id, row.id)
        ],
    )


def build_case_matrix(world: World) -> CaseMatrix:
    """Open and fill one case of every kind. Commit, let the outbox run, then `uproot`."""
    case_matrix = CaseMatrix(world)
    add_matrix_people(world, case_matrix)
    add_case(case_matrix, "private", "rita", visibility="private")
    add_case(case_matrix, "shared", "rita", visibility="shared")
    add_case(case_matrix, "behalf", "cora", contact="jan", account="ACME", visibility="private")
    add_case(case_matrix, "bystaff", "ana", contact="rita", account="ACME", visibility="private")
    add_case(case_matrix, "polish", "piotr", visibility="shared")
    add_case(case_matrix, "globex", "gil", visibility="shared", staff="tom")
    add_case(case_matrix, "globexown", "gina", visibility="private", staff="tom")
    abroad = add_case(case_matrix, "abroad", "mel", visibility="shared")
    people.share_with_organization(world.ctx("ana"), abroad, world.row(Organization, world.organizations["Globex"]))
    add_case(case_matrix, "copied", "rita", visibility="private", cc=["eve@elsewhere.example", "piotr@acme.example"])
    named = add_case(case_matrix, "named", "mel", visibility="private")
    people.share_with(world.ctx("mel", "contact"), named, world.cora.id)
    add_case(case_matrix, "barred", "rita", visibility="shared")
    add_case(case_matrix, "adabar", "rita", visibility="private")
    add_case(case_matrix, "left", case_matrix.people["max"], visibility="private")
    add_case(case_matrix, "testing", "mel", environment="Test", account="ACME", visibility="shared")
    solved = add_case(case_matrix, "solved", "rita", visibility="private")
    resolution.resolve(
        world.ctx("ana"),
        solved,
        solution=f"Solved {mark('solved', 'solution')}",
        check=f"Look at {mark('solved', 'check')}",
    )
    over = add_case(case_matrix, "over", "rita", visibility="private")
    resolution.resolve(world.ctx("ana"), over, solution=f"Done {mark('over', 'solution')}")
    resolution.reject(world.ctx("rita", "contact"), over, reason=f"No {mark('over', 'reason')}")
    resolution.resolve(world.ctx("ana"), over, solution="Now")
    resolution.accept(world.ctx("rita", "contact"), over)
    asked = open_survey(world.ctx("rita", "contact"), over)
    assert asked is not None
    survey = surveys.answer(
        world.ctx("rita", "contact"), asked, over, answers={"q1": "2", "q2": mark("over", "comment")}
    )
    surveys.finish(world.ctx("lee"), survey, over, note=f"Called {mark('over', 'followup')}")
    twin = add_case(case_matrix, "twin", "mel", visibility="shared")
    links.merge(world.ctx("ana"), twin, add_case(case_matrix, "twin", "mel", visibility="shared", again=True))
    moved = add_case(case_matrix, "moved", "mel", visibility="private")
    new = links.move_account(
        world.ctx("ana"), moved, world.row(Account, world.accounts["ACMEPL"]), contact_id=world.cora.contact_id
    )
    world.reload(new)
    add_case(case_matrix, "south", "rob", account="ACME", visibility="shared", staff="sam")
    add_case(case_matrix, "southown", "zoe", account="ACME", visibility="private", staff="sam")
    add_case(case_matrix, "solo", "zoe", account="SOLO", visibility="shared", staff="sue")
    for who in ("rita", "gil", "ana", "rob"):
        case_matrix.staged[who] = world.stage(by=who, name=f"{who}.txt").id
        acting.leave_unsent(world.provider_world_of(who), world.person(who))
    receive_mails(world, case_matrix)
    for who in ("ada", "sue"):
        acting.leave_import(world.provider_world_of(who), world.person(who))
    return case_matrix


def receive_mails(world: World, case_matrix: CaseMatrix) -> None:
    """A mailbox of each provider, a mail of no case, and one that names each case."""
    for provider_world, home in ((world.northwind, "north"), (world.southgate, "south")):
        ctx = world.system(provider_world)
        add_mailbox(ctx, f"support@{home}.example")
        receive_mail(ctx, subject="Of no case")
        for matrix_case in case_matrix.cases.values():
            if ("south" if matrix_case.kind in ("south", "southown", "solo") else "north") == home:
                words = mark(matrix_case.kind, "mail")
                receive_mail(ctx, subject=words, case_id=matrix_case.id, words=words)


def take_sight_away(world: World, case_matrix: CaseMatrix) -> None:
    """What takes sight away, after everybody was told: exclusions, ended places, withdrawn access."""
    barred, adabar = (world.reload(world.session.get(Case, case_matrix.cases[k].id)) for k in ("barred", "adabar"))
    for who in ("mel", "lee", "ada"):
        people.exclude(world.ctx("ana"), barred, world.person(who).id)
    people.exclude(world.ctx("ana"), adabar, world.ada.id)
    system = world.system()
    contact_actions.end_contact(system, system.session.get(Contact, case_matrix.people["max"].contact_id))
    contact_actions.change_access(system, system.session.get(Contact, case_matrix.people["nia"].contact_id), grants=[])
    member = system.session.get(StaffMember, case_matrix.people["zed"].staff_id)
    from portal.identity.models import User

    colleagues.end_staff(system, member, system.session.get(User, case_matrix.people["zed"].id))


def add_case(
    case_matrix: CaseMatrix,
    kind: str,
    by: Any,
    *,
    contact: str = "",
    account: str = "",
    staff: str = "ana",
    cc: Iterable[str] = (),
    again: bool = False,
    **opening: Any,
) -> Case:
    """A case of *kind* with words and files in every corner."""
    world = case_matrix.world
    somebody = world.person(by)
    south = world.provider_world_of(somebody) is world.southgate
    customer = contact or (somebody if somebody.side is Side.CONTACT else contact)
    staged = world.stage(by=somebody, name=f"{mark(kind, 'openfile')}.txt") if not again else None
    case = open_case(
        case_matrix,
        somebody,
        kind,
        contact=contact,
        account=account,
        cc=list(cc),
        staged=[staged.id] if staged else [],
        **opening,
    )
    matrix_case = case_matrix.cases.setdefault(kind, MatrixCase(kind, case.key, case.id, south))
    if again:
        return case
    ctx = world.ctx(staff, "staff")
    customer_ctx = world.ctx(customer, "contact")
    files = {}
    for part, who in (("replyfile", customer), ("notefile", staff)):
        files[part] = world.stage(by=who, name=f"{mark(kind, part)}.txt").id
    desk.take(ctx, case)
    conversation.reply(customer_ctx, case, body=f"More {mark(kind, 'reply')}", staged=[files["replyfile"]])
    conversation.answer(ctx, case, body=f"Thanks {mark(kind, 'answer')}")
    conversation.note(ctx, case, body=f"Between us {mark(kind, 'note')} {NOTE_WORD}", staged=[files["notefile"]])
    desk.escalate(ctx, case, tier=2, note=f"Please {mark(kind, 'handover')}")
    desk.redefine_severity(ctx, case, severity=2, reason=f"Because {mark(kind, 'severitae')}")
    matrix_case.files = {**files, "openfile": staged.id}
    return world.reload(case)


def open_case(
    case_matrix: CaseMatrix, by: WorldPerson, kind: str, *, contact: str, account: str, **opening: Any
) -> Case:
    """`world.open_case`, also for accounts and people that were added here."""
    world = case_matrix.world
    if account == "SOLO":
        from portal.cases.actions import opening as opening_actions
        from portal.cases.actions.opening import Opening
        from portal.cases.models import RequestType

        ctx = world.ctx(by)
        case = opening_actions.submit(
            ctx,
            ctx.session.get(Account, case_matrix.accounts["SOLO"]),
            ctx.session.get(RequestType, world.southgate.types["outage"].id),
            Opening(
                subject=f"Broken {mark(kind, 'subject')}", description=mark(kind, "description"), severity=3, **opening
            ),
        )
        return world.reload(case)
    return world.open_case(
        by,
        account=account,
        contact=contact,
        subject=f"Broken {mark(kind, 'subject')}",
        description=f"It says {mark(kind, 'description')}",
        **opening,
    )


def table_checksums(world: World) -> dict[str, tuple[int, int]]:
    """Count and checksum of every table that a person's request could change, at both providers."""
    from sqlalchemy import text

    from portal.identity.actions import UNSENT_FORM_EXPIRY
    from portal.kernel.database import Base

    # Sessions are touched by every request; a form that came after one had ended is its person's own (own rows only),
    # and so is the piece of due work that deletes it again. What is refused is counted as a security event.
    watched = sorted(set(Base.metadata.tables) - {"browser_sessions", "unsent_forms", "security_events"})
    own = {"due_work": f" WHERE kind <> '{UNSENT_FORM_EXPIRY}'"}
    query = " UNION ALL ".join(
        f"SELECT '{t}', count(*), coalesce(sum(hashtext(t::text)::bigint), 0)::bigint FROM {t} AS t{own.get(t, '')}"
        for t in watched
    )
    found: dict[str, tuple[int, int]] = {}
    for provider_world in (world.northwind, world.southgate):
        bind(db.session, Tenancy(provider_world.id, side=Side.SYSTEM))
        for table, count, total in db.session.execute(text(query)):
            before = found.get(table, (0, 0))
            found[table] = (before[0] + count, before[1] + int(total))
    return found


def read_spellings(world: World, case_matrix: CaseMatrix) -> dict[str, list[tuple[str, str, str]]]:
    """How things are spelled in addresses, by kind: (which, spelling, where it belongs)."""
    from portal.cases.models import Case as Cases
    from portal.cases.models import RequestType
    from portal.channels.mail.models import InboundMail, Mailbox
    from portal.identity.models import BrowserSession, UnsentForm
    from portal.kernel.outbox import Delivery
    from portal.notifications.models import Notification, OutgoingMail
    from portal.sla.models import EscalationRule, Run, SlaCalendar, SlaPolicy
    from portal.surveys.models import Survey
    from portal.tenants.models import Department, Environment, Service

    found: dict[str, list[tuple[str, str, str]]] = {}
    kinds = {matrix_case.id: matrix_case.kind for matrix_case in case_matrix.cases.values()}
    for provider_world, home in ((world.northwind, "north"), (world.southgate, "south")):
        bind(db.session, Tenancy(provider_world.id, side=Side.SYSTEM))
        read = db.session.query
        who = {row.id: key for key, row in {**provider_world.people, **case_matrix.people}.items()}
        slugs = {o.id: ("south" if home == "south" else o.slug) for o in read(Organization)}
        spelled = {o.id: o.slug for o in read(Organization)}

        def add(kind: str, *rows: tuple[str, Any, str]) -> None:
            found.setdefault(kind, []).extend((which, str(value), place) for which, value, place in rows)

        add("organization", *((slugs[i], slug, slugs[i]) for i, slug in spelled.items()))
        add("account", *((a.key, a.key, home) for a in read(Account)))
        add("environment", *((e.name, e.id, slugs[e.organization_id]) for e in read(Environment)))
        add("contact", *((who[c.user_id], c.id, slugs[c.organization_id]) for c in read(Contact)))
        for kind, model in (
            ("staff", StaffMember),
            ("department", Department),
            ("service", Service),
            ("type", RequestType),
            ("policy", SlaPolicy),
            ("calendar", SlaCalendar),
            ("rule", EscalationRule),
            ("run", Run),
        ):
            add(kind, *((kind, row.id, home) for row in read(model)))
        add("typekey", *((t.key, t.key, home) for t in read(RequestType)))
        add("session", *((f"{who[s.user_id]}:", s.id, home) for s in read(BrowserSession)))
        for form in read(UnsentForm):
            add("unsent_form", (f"{who[form.user_id]}:", form.id, home))
        add("import_draft", *((f"{who[draft.user_id]}:", draft.id, home) for draft in read(ImportDraft)))
        add("bell", *((f"{who[n.user_id]}:{n.side}", n.id, home) for n in read(Notification).limit(20)))
        parents = {c.id: kinds.get(c.id, "") for c in read(Cases)}
        for mail in read(OutgoingMail).order_by(OutgoingMail.id):
            add("mail", (f"{parents.get(mail.case_id) or 'house'}:", mail.id, home))
        for arrived in read(InboundMail).order_by(InboundMail.id):
            add("inbound_mail", (f"{parents.get(arrived.case_id) or 'house'}:", arrived.id, home))
        add("mailbox", *(("mailbox", row.id, home) for row in read(Mailbox)))
        for survey in read(Survey).filter(Survey.answered_at.is_not(None)):
            add("survey", (f"{parents[survey.case_id]}:", survey.id, home))
        add("question", *((name, name, home) for name in ("q1", "q2")))
        add("version", ("1", "1", home))
        add("delivery", *(("delivery", d.id, home) for d in read(Delivery).limit(3)))
    found["staged"] = [(f"{who}:", str(i), "") for who, i in case_matrix.staged.items()]
    return found


def issue_links(world: World) -> list[tuple[str, str, str]]:
    """Links of every kind that mails carry: (purpose, token, provider)."""
    from portal.kernel import tokens
    from portal.notifications.mail_links import Purpose, derive_link_token
    from portal.notifications.models import OutgoingMail
    from portal.surveys.models import Survey as Surveys

    found = []
    for provider_world, home, guest, person in (
        (world.northwind, "north", "guest@acme.example", world.rita),
        (world.southgate, "south", "guest@acme.example", world.rob),
    ):
        ctx = world.system(provider_world)
        user = identity.add_person(ctx, name="A guest", email=guest)
        user.new_email = "moved@acme.example"
        for purpose, subject in (
            ("invitation", user.id),
            ("email_change", user.id),
            ("password_reset", person.id),
            ("sign_in", person.id),
        ):
            found.append(
                (purpose, tokens.derive_token(tokens.issue_token(ctx, purpose, subject, dt.timedelta(days=1))), home)
            )
        survey = ctx.session.query(Surveys).first()
        if survey is not None:
            found.append(("survey", tokens.derive_token(survey.token_id), home))
        mail = ctx.session.query(OutgoingMail).filter(OutgoingMail.kind == "opened").first()
        if mail is not None:
            for purpose in Purpose:
                token = derive_link_token(ctx.provider_id, mail.id, purpose)
                found.append(("mail_action", token, home))
    return found
