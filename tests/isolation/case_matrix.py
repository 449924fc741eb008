"""One case of every kind, each carrying words that stand nowhere else: where such a word shows, that case showed.

A mark reads `qq<kind>yy<part>zz`. Parts called INTERNAL may only ever be read by staff on the desk. `SEES` is the law
of DESIGN 2, written by hand for these people and cases: it shares no code with the product.
"""

import datetime as dt
import re
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from portal.attachments.models import Attachment
from portal.authz.roles import ContactRole
from portal.cases.actions import conversation, desk, links, people, resolution
from portal.cases.models import Case, CaseLocation, DelayedReply
from portal.channels.mail.actions.mailboxes import add_mailbox
from portal.drafts.models import FormDraft
from portal.identity import actions as identity
from portal.kernel.actor import Side
from portal.kernel.database import Tenancy, bind, db
from portal.kernel.storage import storage
from portal.registrations.models import Registration
from portal.scim.models import ScimGroupRole
from portal.sso.models import LinkedSignIn, OrganizationDomain, SignInWay
from portal.surveys import actions as surveys
from portal.surveys.queries import open_survey
from portal.tenants.actions import accounts as account_actions
from portal.tenants.actions import contacts as contact_actions
from portal.tenants.actions import staff as colleagues
from portal.tenants.models import Account, Contact, ImportDraft, Organization, StaffMember
from tests.support import acting, community, help_articles
from tests.support.announcements import write_announcement
from tests.support.approvals import leave_request, make_rule
from tests.support.canned_replies import write_reply
from tests.support.case_rules import leave_firing, make_case_rule
from tests.support.delayed_replies import leave_delayed_reply
from tests.support.hotlines import add_call_back, add_incoming_call, add_system, make_hotline
from tests.support.provider_world import WorldPerson
from tests.support.received_mails import propose_copy, receive_mail
from tests.support.request_forms import ask_fields
from tests.support.saved_views import save_filter, save_view
from tests.support.tags import add_tag, leave_tag
from tests.support.tasks import leave_task
from tests.support.time_entries import leave_time
from tests.support.world import World

MARK = re.compile(r"qq([a-z]+?)yy([a-z]+?)zz")
# Stands in every note and nowhere else.
NOTE_WORD = "whisperedword"
INTERNAL = frozenset({"note", "notefile", "handover", "followup", "proposal", "rule"})
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
    # A token of random letters may look like a mark by chance.
    return {mark for mark in MARK.findall(text.lower()) if mark[0] in SEES}


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
    for provider_world in (world.northwind, world.southgate):
        ask_fields(world.system(provider_world).session)
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
        acting.leave_draft(world.provider_world_of(who), world.person(who), staff=who == "ana")
        acting.leave_passkey(world.provider_world_of(who), world.person(who))
        acting.leave_trust(world.provider_world_of(who), world.person(who))
        acting.leave_push_device(world.provider_world_of(who), world.person(who))
    receive_mails(world, case_matrix)
    announce(world)
    community.fill_spaces(world)
    wait_for_calls(world, case_matrix)
    add_chats(world, case_matrix)
    write_replies(world)
    save_lists(world)
    ask_for_approvals(world, case_matrix)
    tag_cases(world, case_matrix)
    run_case_rules(world, case_matrix)
    add_sign_ins(world)
    write_help(world)
    for who in ("ada", "sue"):
        acting.leave_import(world.provider_world_of(who), world.person(who))
    return case_matrix


def write_help(world: World) -> None:
    """Help articles for every audience, at both providers."""
    clients = {key.lower(): world.row(Organization, world.organizations[key]) for key in ("Acme", "Globex")}
    help_articles.add_every_audience(world.system(), clients)
    south = world.southgate.accounts["ACME"].organization_id
    ctx = world.system(world.southgate)
    client = ctx.session.get_one(Organization, south)
    help_articles.add_every_audience(ctx, {"south": client}, title="Manual", shelf="Stack")


def ask_for_approvals(world: World, case_matrix: CaseMatrix) -> None:
    """A question for a yes in every case, whoever it is that reads the case, and a rule of each provider."""
    for admin, provider_world in (("ada", world.northwind), ("sue", world.southgate)):
        make_rule(world, by=admin, active=False)
        ctx = world.system(provider_world)
        for matrix_case in case_matrix.cases.values():
            case = ctx.session.get(Case, matrix_case.id)
            if case is not None and case.provider_id == provider_world.id:
                question = f"May we? {mark(matrix_case.kind, 'approval')}"
                leave_request(ctx, case, question, user_id=world.person(admin).id)


def tag_cases(world: World, case_matrix: CaseMatrix) -> None:
    """A tag of each provider, a task, and a reply that waits, on every case."""
    for admin, provider_world in (("ada", world.northwind), ("sue", world.southgate)):
        tag = add_tag(world, by=admin)
        ctx = world.system(provider_world)
        for matrix_case in case_matrix.cases.values():
            case = ctx.session.get(Case, matrix_case.id)
            if case is not None and case.provider_id == provider_world.id:
                leave_tag(ctx, case, tag)
                leave_task(ctx, case, f"Do {mark(matrix_case.kind, 'task')}")
                leave_time(ctx, case, world.person(admin).staff_id, f"Did {mark(matrix_case.kind, 'time')}")
                # Of an administrator, who sees every case; nobody else reads it.
                leave_delayed_reply(ctx, case, world.person(admin), f"Soon {mark(matrix_case.kind, 'waiting')}")


def run_case_rules(world: World, case_matrix: CaseMatrix) -> None:
    """A rule of each provider, with an entry in its log for every case."""
    for admin, provider_world in (("ada", world.northwind), ("sue", world.southgate)):
        rule = make_case_rule(world, by=admin, name="Routing", active=False)
        ctx = world.system(provider_world)
        for matrix_case in case_matrix.cases.values():
            case = ctx.session.get(Case, matrix_case.id)
            if case is not None and case.provider_id == provider_world.id:
                leave_firing(ctx, rule, case, mark(matrix_case.kind, "rule"))


def write_replies(world: World) -> None:
    """A shared canned reply of each provider, and own ones of three people."""
    for lead in ("lee", "sue"):
        write_reply(world, text="{contact first name}", by=lead)
    for who in ("ana", "lee", "sam"):
        write_reply(world, "Own", "{agent name}", by=who, shared=False)


def save_lists(world: World) -> None:
    """A view of each provider that everybody of the desk finds, one of a client that Tom does not look after, and own
    ones of both sides."""
    for lead in ("lee", "sue"):
        save_view(world, "For everyone", by=lead, audience="everyone", account=world.accounts["ACME"].id)
    for who in ("ana", "sam"):
        save_view(world, "Own", by=who, pinned=True, q=f"private {who}")
    for contact in ("rita", "gil", "rob"):
        save_filter(world, "Own", by=contact)


def announce(world: World) -> None:
    """Announcements of both providers: `read_spellings` tells them apart by their titles."""
    write_announcement(world, "To everybody", kind="notice")
    write_announcement(world, "To acme", accounts=["ACME"])
    write_announcement(world, "To globex", accounts=["GLOBEX"], kind="maintenance")
    write_announcement(world, "To draft", state="draft", kind="notice")
    write_announcement(world, "To everybody", by="sue", kind="notice")
    for admin in ("ada", "sue"):
        make_hotline(world, by=admin)


def wait_for_calls(world: World, case_matrix: CaseMatrix) -> None:
    """A call about every case, which its contact waits for."""
    for provider_world in (world.northwind, world.southgate):
        ctx = world.system(provider_world)
        for matrix_case in case_matrix.cases.values():
            case = ctx.session.get(Case, matrix_case.id)
            if case is not None and case.provider_id == provider_world.id:
                add_call_back(ctx, case)
    for admin, accounts in (("ada", ("ACME", "GLOBEX")), ("sue", ("ACME",))):
        system, _token = add_system(world, by=admin)
        provider_world = world.provider_world_of(admin)
        for key in accounts:
            rows = [provider_world.accounts[key].id]
            add_incoming_call(world.system(provider_world), system, external_id=key, account_ids=rows)


def add_chats(world: World, case_matrix: CaseMatrix) -> None:
    """A chat of the contact of each case, over by now: `read_spellings` names them by case and person."""
    from portal.chat.models import Chat

    for one in case_matrix.cases.values():
        with_chat = world.system(world.southgate if one.south else world.northwind)
        case = with_chat.session.get_one(Case, one.id)
        with_chat.session.add(
            Chat(
                **CaseLocation.of(case).columns(),
                user_id=case.contact_user_id,
                started_at=with_chat.now,
                contact_spoke_at=with_chat.now,
                contact_seen_at=with_chat.now,
                ended_at=with_chat.now,
                end_reason="contact",
            )
        )
        with_chat.session.flush()


def add_sign_ins(world: World) -> None:
    """A way to sign in of each provider and of organizations, their domains, and sign-ins: linked, and waiting."""
    south = world.southgate.id
    with_ways = [(world.northwind.id, None, "north-id"), (south, None, "south-id")]
    for provider_world in (world.northwind, world.southgate):
        bind(db.session, Tenancy(provider_world.id, side=Side.SYSTEM))
        slugs = [(row.slug, row.id) for row in db.session.query(Organization).order_by(Organization.id)]
        with_ways += [
            (provider_world.id, i, "zenith-id" if provider_world.id == south else f"{slug}-id")
            for slug, i in slugs
            if provider_world.id == south or slug in ("acme", "globex")
        ][:2]
    for provider_id, organization_id, name in with_ways:
        bind(db.session, Tenancy(provider_id, side=Side.SYSTEM))
        acting.add_way(provider_id, organization_id, name)
    rows = {"rita": "north-id", "zoe": "south-id"}
    for who, name in rows.items():
        home = world.provider_world_of(who)
        bind(db.session, Tenancy(home.id, side=Side.SYSTEM))
        for waiting in (False, True):
            acting.link_sign_in(home.id, world.person(who).id, name, waiting=waiting)
    for provider_world in (world.northwind, world.southgate):
        bind(db.session, Tenancy(provider_world.id, side=Side.SYSTEM))
        places = db.session.query(Organization).order_by(Organization.id).all()
        for organization_id in (*(place.id for place in places), None):
            newcomer = acting.add_newcomer(provider_world.id)
            acting.register(provider_world.id, newcomer.id, organization_id)
        for account in db.session.query(Account).order_by(Account.id):
            acting.give_group_role(account.provider_id, account)
    db.session.commit()


def receive_mails(world: World, case_matrix: CaseMatrix) -> None:
    """A mailbox of each provider, a mail of no case, and one that names each case."""
    for provider_world, home in ((world.northwind, "north"), (world.southgate, "south")):
        ctx = world.system(provider_world)
        add_mailbox(ctx, f"support@{home}.example")
        receive_mail(ctx, subject="Of no case")
        for matrix_case in case_matrix.cases.values():
            if ("south" if matrix_case.kind in ("south", "southown", "solo") else "north") == home:
                words = mark(matrix_case.kind, "mail")
                mail = receive_mail(ctx, subject=words, case_id=matrix_case.id, words=words)
                # By a colleague of support: only the writer of a mail sees on the portal whom it proposes.
                writer = world.sam if provider_world is world.southgate else world.ana
                name = mark(matrix_case.kind, "proposal")
                propose_copy(ctx, mail, writer.id, f"{matrix_case.kind}@outside.example", name=name)


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
    staged = stage_file(world, somebody, kind, "openfile") if not again else None
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
        files[part] = stage_file(world, who, kind, part).id
    desk.take(ctx, case)
    conversation.reply(customer_ctx, case, body=f"More {mark(kind, 'reply')}", staged=[files["replyfile"]])
    conversation.answer(ctx, case, body=f"Thanks {mark(kind, 'answer')}")
    conversation.note(ctx, case, body=f"Between us {mark(kind, 'note')} {NOTE_WORD}", staged=[files["notefile"]])
    desk.escalate(ctx, case, tier=2, note=f"Please {mark(kind, 'handover')}")
    desk.redefine_severity(ctx, case, severity=2, reason=f"Because {mark(kind, 'severitae')}")
    matrix_case.files = {**files, "openfile": staged.id}
    return world.reload(case)


def stage_file(world: World, by: str | WorldPerson, kind: str, part: str) -> Attachment:
    """A file with the mark of its *part* as its name, and a thumbnail that shows the mark."""
    file = world.stage(by=by, name=f"{mark(kind, part)}.txt")
    storage().write(file.thumbnail_storage_name, [mark(kind, part).encode()])
    file.thumbnail_width, file.thumbnail_height = 240, 160
    return file


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
                subject=f"Broken {mark(kind, 'subject')}",
                description=mark(kind, "description"),
                severity=3,
                answers={"plate": [mark(kind, "answer")]},
                **opening,
            ),
        )
        return world.reload(case)
    return world.open_case(
        by,
        account=account,
        contact=contact,
        subject=f"Broken {mark(kind, 'subject')}",
        description=f"It says {mark(kind, 'description')}",
        answers={"plate": [mark(kind, "answer")]},
        **opening,
    )


def table_checksums(world: World, only: Collection[str] | None = None) -> dict[str, tuple[int, int]]:
    """Count and checksum of every table that a person's request could change, at both providers; of *only* some."""
    from sqlalchemy import text

    from portal.identity.actions import UNSENT_FORM_EXPIRY
    from portal.kernel.database import Base

    # Sessions are touched by every request; a form that came after one had ended is its person's own (own rows only),
    # and so is the piece of due work that deletes it again. What is refused is counted as a security event.
    watched = sorted(set(Base.metadata.tables) - {"browser_sessions", "unsent_forms", "security_events"})
    watched = [table for table in watched if only is None or table in only]
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
    from portal.announcements.models import Announcement
    from portal.approvals.models import ApprovalRule
    from portal.calls.models import CallBack, Hotline, IncomingCall, TelephoneSystem
    from portal.canned_replies.models import CannedReply
    from portal.cases.models import Case as Cases
    from portal.cases.models import RequestType, SavedView, Tag
    from portal.channels.mail.models import InboundMail, Mailbox
    from portal.chat.models import Chat
    from portal.community.models import CommunityPost, CommunitySpace, CommunityTopic
    from portal.identity.factor_models import Passkey, TrustedDevice
    from portal.identity.models import BrowserSession, UnsentForm
    from portal.kernel.outbox import Delivery
    from portal.knowledge.models import HelpArticle, HelpCategory
    from portal.notifications.models import Notification, OutgoingMail, PushDevice
    from portal.rules.models import CaseRule
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
            ("tag", Tag),
            ("type", RequestType),
            ("policy", SlaPolicy),
            ("calendar", SlaCalendar),
            ("rule", EscalationRule),
            ("run", Run),
            ("hotline", Hotline),
            ("approval_rule", ApprovalRule),
            ("case_rule", CaseRule),
            ("telephone_system", TelephoneSystem),
        ):
            add(kind, *((kind, row.id, home) for row in read(model)))
        add("incoming_call", *((row.external_id, row.id, home) for row in read(IncomingCall)))
        add("announcement", *((row.title.partition(" ")[2], row.id, home) for row in read(Announcement)))
        titles = {row.id: row.title.rpartition(" ")[2] for row in read(CommunityTopic)}
        add("community_space", *((row.name.rpartition(" ")[2], row.id, home) for row in read(CommunitySpace)))
        add("community_topic", *((which, topic_id, home) for topic_id, which in titles.items()))
        add("community_post", *((titles[row.topic_id], row.id, home) for row in read(CommunityPost)))
        add("chat", *((f"{kinds.get(c.case_id)}:{who.get(c.user_id)}", c.id, home) for c in read(Chat)))
        for reply in read(CannedReply):
            kind, which = ("shared_reply", "shared") if reply.is_shared else ("own_reply", f"{who[reply.owner_id]}:")
            add(kind, (which, reply.id, home))
        for saved in read(SavedView):
            which = "everyone" if saved.is_shared else f"{who[saved.owner_id]}:"
            add("saved_view" if saved.side == "desk" else "saved_filter", (which, saved.id, home))
        add("typekey", *((t.key, t.key, home) for t in read(RequestType)))
        add("session", *((f"{who[s.user_id]}:", s.id, home) for s in read(BrowserSession)))
        for form in read(UnsentForm):
            add("unsent_form", (f"{who[form.user_id]}:", form.id, home))
        add("delayed_reply", *((f"{who[row.user_id]}:", row.id, home) for row in read(DelayedReply)))
        add("form_draft", *((f"{who[row.user_id]}:{row.side}", row.id, home) for row in read(FormDraft)))
        add("passkey", *((f"{who[row.user_id]}:", row.id, home) for row in read(Passkey)))
        add("device", *((f"{who[row.user_id]}:", row.id, home) for row in read(TrustedDevice)))
        add("push_device", *((f"{who[row.user_id]}:", row.id, home) for row in read(PushDevice)))
        add("import_draft", *((f"{who[draft.user_id]}:", draft.id, home) for draft in read(ImportDraft)))
        add("bell", *((f"{who[n.user_id]}:{n.side}", n.id, home) for n in read(Notification).limit(20)))
        parents = {c.id: kinds.get(c.id, "") for c in read(Cases)}
        add("call_back", *((f"{parents[row.case_id]}:{who[row.user_id]}", row.id, home) for row in read(CallBack)))
        for mail in read(OutgoingMail).order_by(OutgoingMail.id):
            add("mail", (f"{parents.get(mail.case_id) or 'house'}:", mail.id, home))
        for arrived in read(InboundMail).order_by(InboundMail.id):
            add("inbound_mail", (f"{parents.get(arrived.case_id) or 'house'}:", arrived.id, home))
        add("mailbox", *(("mailbox", row.id, home) for row in read(Mailbox)))
        add("way", *((w.name, w.name, slugs.get(w.organization_id, home)) for w in read(SignInWay)))
        add("domain", *((d.value, d.id, home) for d in read(OrganizationDomain)))
        for row in read(LinkedSignIn):
            add("linked", ("waiting" if row.waiting else f"{who[row.user_id]}:", row.id, home))
        add("group_role", *(("group_role", row.id, slugs[row.organization_id]) for row in read(ScimGroupRole)))
        add(
            "registration",
            *(("registration", row.id, slugs.get(row.organization_id, home)) for row in read(Registration)),
        )
        for survey in read(Survey).filter(Survey.answered_at.is_not(None)):
            add("survey", (f"{parents[survey.case_id]}:", survey.id, home))
        add("help_article", *((row.slug.partition("-")[2], row.slug, home) for row in read(HelpArticle)))
        add("help_category", *((row.slug.partition("-")[2], row.slug, home) for row in read(HelpCategory)))
        add("question", *((name, name, home) for name in ("q1", "q2")))
        add("request_field", ("plate", "plate", home))
        add("version", ("1", "1", home))
        add("delivery", *(("delivery", d.id, home) for d in read(Delivery).limit(3)))
    found["staged"] = [(f"{who}:", str(i), "") for who, i in case_matrix.staged.items()]
    return found


def issue_links(world: World) -> list[tuple[str, str, str]]:
    """Links of every kind that mails carry: (purpose, token, provider)."""
    from portal.announcements.actions import ask_subscription
    from portal.announcements.models import StatusSubscriber
    from portal.kernel import tokens
    from portal.notifications.mail_links import OF_SUBSCRIBERS, Purpose, derive_link_token
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
            # The question for an account is no mail about a case (tests/channels/mail/test_account_question.py).
            for purpose in set(Purpose) - {Purpose.CHOOSE, Purpose.NO_MORE} - OF_SUBSCRIBERS:
                token = derive_link_token(ctx.provider_id, mail.id, purpose)
                found.append(("mail_action", token, home))
        told = ctx.session.query(OutgoingMail).filter(OutgoingMail.kind == "announcement").first()
        if told is not None:
            found.append(("mail_action", derive_link_token(ctx.provider_id, told.id, Purpose.NO_MORE), home))
        ask_subscription(ctx, "reader@elsewhere.example", "all", "en")
        asked = ctx.session.query(StatusSubscriber).one()
        for purpose in OF_SUBSCRIBERS:
            found.append(("mail_action", derive_link_token(ctx.provider_id, asked.id, purpose), home))
    return found
