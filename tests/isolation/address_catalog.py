"""What stands in the addresses of the app, and what everybody must get there.

Every part of an address is a thing of some kind, told by its converter and name (`KINDS`). For each kind there is a way
to list things of ours, of a neighbor and of nobody (`things`), and the law who reaches them (`reaches`). A new route
whose
parts are known here is in the matrix without a line; a new kind of part needs a line in KINDS, things and reaches.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from flask import Flask
from werkzeug.routing import Rule

from portal.authz.permissions import Permission
from portal.authz.roles import ROLES, ContactRole, StaffRole
from portal.web.guards import GUARD
from tests.isolation.case_matrix import INTERNAL, CaseMatrix, sees

SAFE = {"GET", "HEAD", "OPTIONS"}
MISSING = uuid.UUID("01890000-0000-7000-8000-00000000dead")

STAFF = {
    "ana": "agent",
    "tom": "agent",
    "lee": "lead",
    "ada": "admin",
    "pat": "platform_admin",
    "aud": "auditor",
    "dua": "agent",
    "sam": "agent",
    "sue": "admin",
}
CONTACTS = {
    "rita": "requester",
    "jan": "requester",
    "mel": "member",
    "cora": "coordinator",
    "olga": "organization_admin",
    "piotr": "member",
    "ned": "member",
    "gil": "member",
    "gina": "organization_admin",
    "dua": "member",
    "rob": "member",
    "zoe": "organization_admin",
}
NOWHERE = ("eve", "max", "nia", "zed")  # signed in (at least once), with no role anywhere
SOUTH = ("rob", "zoe", "sam", "sue")
EVERYBODY = (*dict.fromkeys((*CONTACTS, *STAFF, *NOWHERE)), "nobody")
ORGANIZATIONS = {
    "acme": ("rita", "jan", "mel", "cora", "olga", "piotr", "ned"),
    "globex": ("gil", "gina", "dua"),
    "south": ("rob", "zoe"),
}
ADMINISTERED = {"olga": "acme", "gina": "globex", "zoe": "south"}
TOMS = ("GLOBEX", "globex")
# Who has access in the account ACME; Piotr works at Acme Polska.
ACMES = ("rita", "jan", "mel", "cora", "olga", "ned")

# Parts of addresses, by (converter, name) or by name: what kind of thing stands there.
KINDS = {
    "key:key": "case",
    "attachment_id": "file",
    "name": "filename",
    "contact_id": "contact",
    "slug": "organization",
    "environment_id": "environment",
    "staff_id": "staff",
    "department_id": "department",
    "service_id": "service",
    "tag_id": "tag",
    "type_id": "type",
    "notification_id": "bell",
    "mail_id": "mail",
    "inbound_id": "inbound_mail",
    "mailbox_id": "mailbox",
    "delivery_id": "delivery",
    "session_id": "session",
    "domain_id": "domain",
    "linked_id": "linked",
    "registration_id": "registration",
    "group_role_id": "group_role",
    "form_id": "unsent_form",
    "passkey_id": "passkey",
    "device_id": "device",
    "push_id": "push_device",
    "draft_id": "import_draft",
    "form_draft_id": "form_draft",
    "delayed_reply_id": "delayed_reply",
    "policy_id": "policy",
    "calendar_id": "calendar",
    "rule_id": "rule",
    "run_id": "run",
    "account_key": "account",
    "view": "view",
    "token": "token",
    "survey_id": "survey",
    "approval_rule_id": "approval_rule",
    "case_rule_id": "case_rule",
    "announcement_id": "announcement",
    "space_id": "community_space",
    "topic_id": "community_topic",
    "post_id": "community_post",
    "hotline_id": "hotline",
    "call_back_id": "call_back",
    "system_id": "telephone_system",
    "incoming_id": "incoming_call",
    "chat_id": "chat",
    "reply_id": "shared_reply",
    "view_id": "saved_view",
    "question": "question",
    "version": "version",
    "article": "help_article",
    "category": "help_category",
    "language": "help_language",
    "number": "help_version",
    "picture": "help_picture",
}
# Where the name alone would mislead: by endpoint, or by the beginning of the address.
KINDS_BY_PLACE = {
    ("/uploads/", "attachment_id"): "staged",
    ("/new/", "key"): "typekey",
    ("/desk/replies/", "reply_id"): "own_reply",
    ("/cases/filters/", "view_id"): "saved_filter",
    ("/admin/accounts/", "key"): "account",
    ("/admin/request-types/", "field"): "request_field",
    **{(place, "name"): "way" for place in ("/sign-in/with/", "/admin/sign-in/", "/me/sign-ins/", "/org/")},
}
# Routes that stand outside the matrix, and why.
EXEMPT = {
    "static": "files that ship with the product, the same for everybody",
    "healthz": "answers before there is a provider, with nothing in it",
    "readyz": "names engines, no tenant's data",
    **dict.fromkeys(
        (
            *("scim.service_provider_config", "scim.resource_types", "scim.schemas", "scim.list_users"),
            *("scim.add_user", "scim.read_user", "scim.replace_user", "scim.patch_user", "scim.remove_user"),
            *("scim.list_groups", "scim.add_group", "scim.read_group", "scim.replace_group", "scim.patch_group"),
            "scim.remove_group",
        ),
        "JSON behind the token of one organization: tests/scim",
    ),
    "calls.take_event": "JSON behind the token of one telephone system: tests/calls/test_telephone_systems.py",
    "installation.icon": "the letter and accent that stand on the sign-in page: tests/installation/test_app.py",
    "metrics": "numbers over all tenants, behind a token: tests/web/test_metrics.py",
}
# What kind of link an address takes: every other kind is no link there.
TOKENS = {
    "/invite/": "invitation",
    "/password/": "password_reset",
    "/sign-in/link/": "sign_in",
    "/s/": "survey",
    "/a/": "mail_action",
    "/email/": "email_change",
}
# Things that do not have to be there for somebody who may look: 404 says so to everybody alike.
MAY_BE_MISSING = {
    "promises.update_form": "a case that is over has no update to give",
    "announcements.calendar": "only planned work has a window",
    "calls.own_check": "only the contact, while or after a call was checked",
    "calls.type_on_portal": "as above",
    "calls.extension": "only on the desk: contacts have no extension",
    "community.index": "only where a space is for the reader",
    "community.new": "as above",
    "community.staff_new": "as above",
    "community.alike": "as above",
    "community.versions": "on the portal only for the author of the text",
    "community.make_article": "a question is no answer",
    "surveys.on_case": "most cases have no survey to answer",
    "surveys.call_on_case": "only a low answer asks whether a call is wanted",
    "surveys.call_by_mail": "as above",
    "surveys.take": "only a low answer has a follow-up",
    "surveys.done": "as above",
    "mail.attached_to_mail": "most emails bring no email as a file: tests/channels/mail/test_attached_pages.py",
    "organization.question": "the verb must fit the person's state",
    "organization.press": "as above",
    "admin.contact_question": "as above",
    "admin.contact_verb": "as above",
    "admin.staff_question": "as above",
    "admin.staff_verb": "as above",
    "branding.logo": "most providers have no logo, and its address holds its content",
    "branding.theme_css": "the address of a color, which holds its content",
    "sso.add_own": "a way may be linked already",
    "cases.default_account": "only on the portal: staff have no account of their own",
    "registrations.own": "only for somebody who registered and has no place",
    "identity.sign_up": "only where the provider lets people register",
    "identity.sign_up_sent": "as above",
    "knowledge.feed": "only where an article is for everybody",
}


@dataclass(frozen=True, slots=True)
class Thing:
    """An object as it stands in an address: its spelling, its kind, and which one it is."""

    value: str
    kind: str
    which: str
    inside: str = ""
    # Both providers have one of that name: each sees its own, and which one shows by the words on the page.
    twin: bool = False


NO_THING = "missing"


@dataclass(frozen=True, slots=True)
class Address:
    """One route with its parts filled in."""

    endpoint: str
    path: str
    methods: frozenset[str]
    guard: str
    things: tuple[Thing, ...]

    @property
    def side(self) -> str:
        """Which side the address belongs to: desk and administration, or portal."""
        return "desk" if self.path.startswith(("/desk", "/admin")) else "portal"

    def side_of(self, who: str) -> str:
        """As whom *who* acts there: one's own things are the desk's for whoever works there."""
        either = self.path.startswith(("/me", "/notifications", "/uploads"))
        return "desk" if self.side == "desk" or (either and who in STAFF) else "portal"

    @property
    def spellings(self) -> tuple[str, ...]:
        """What an answer may repeat of what was asked for."""
        return (self.path, *(thing.value for thing in self.things if thing.kind != "word"))

    def only(self, thing: Thing) -> "Address":
        """As if *thing* stood in it alone."""
        return replace(self, things=(thing,))

    def with_nothing(self) -> "Address | None":
        """The same address with a name of nothing in place of its last object; None if it has none, or has that."""
        for at in reversed(range(len(self.things))):
            thing = self.things[at]
            if thing.kind in ("word", "view"):
                continue
            value = missing(thing.kind)
            if value == thing.value:
                return None
            path = value.join(self.path.rsplit(thing.value, 1))
            things = (*self.things[:at], Thing(value, thing.kind, NO_THING), *self.things[at + 1 :])
            return replace(self, path=path, things=things)
        return None

    @property
    def which(self) -> tuple[str, ...]:
        return tuple(thing.which for thing in self.things)


def kind_of(rule: Rule, name: str) -> str:
    """What kind of thing the part *name* of *rule* is; KeyError for an unknown one: add it above."""
    for (place, part), kind in KINDS_BY_PLACE.items():
        if part == name and rule.rule.startswith(place):
            return kind
    converter = type(rule._converters[name]).__name__
    if converter == "AnyConverter":
        return "word"
    return KINDS["key:key"] if converter == "CaseKey" else KINDS[name]


def purpose_of(rule: Rule) -> str:
    """What the link at *rule* is for; KeyError for an unknown one: add the beginning of its address to TOKENS."""
    for place, purpose in TOKENS.items():
        if rule.rule.startswith(place):
            return purpose
    raise KeyError(rule.rule)


def routes(app: Flask) -> list[Rule]:
    """Every route that belongs to the matrix."""
    return sorted((r for r in app.url_map.iter_rules() if r.endpoint not in EXEMPT), key=lambda r: (r.rule, r.endpoint))


def guard_of(app: Flask, endpoint: str) -> str:
    return str(getattr(app.view_functions[endpoint], GUARD))


def addresses(app: Flask, case_matrix: CaseMatrix, rule: Rule) -> list[Address]:
    """*rule* with every combination of things worth trying."""
    found: list[tuple[Thing, ...]] = [()]
    names = [part for kind, part in rule._trace if kind and part in rule.arguments]
    for name in names:
        kind = kind_of(rule, name)
        found = [(*chosen, thing) for chosen in found for thing in things(case_matrix, kind, chosen, rule, name)]
    adapter = app.url_map.bind("localhost")
    return [
        Address(
            rule.endpoint,
            adapter.build(
                rule.endpoint, dict(zip(names, (t.value for t in chosen), strict=True)), method=_method(rule)
            ),
            frozenset(rule.methods or ()),
            guard_of(app, rule.endpoint),
            chosen,
        )
        for chosen in found
    ]


def _method(rule: Rule) -> str:
    return "GET" if "GET" in (rule.methods or ()) else "POST"


def things(case_matrix: CaseMatrix, kind: str, chosen: tuple[Thing, ...], rule: Rule, name: str) -> Iterator[Thing]:
    """Things of *kind* to put behind *chosen*: ours, the neighbor's, and one that does not exist."""
    parent = chosen[-1] if chosen else None
    if kind == "case":
        spelled = Counter(matrix_case.key for matrix_case in case_matrix.cases.values())
        yield from (Thing(t.key, kind, t.kind, twin=spelled[t.key] > 1) for t in case_matrix.cases.values())
        yield Thing("ACME-987654", kind, NO_THING)
    elif kind == "file":
        assert parent is not None
        matrix_case = case_matrix.cases.get(parent.which)
        if matrix_case is not None:
            yield from (Thing(str(i), kind, part, matrix_case.kind) for part, i in matrix_case.files.items())
        # A file of another case, asked for behind this one, is no file of this one.
        other = "globex" if parent.which != "globex" else "globexown"
        yield Thing(str(case_matrix.cases[other].files["openfile"]), kind, NO_THING)
        yield Thing(str(MISSING), kind, NO_THING)
    elif kind == "filename":
        yield Thing("file.txt", "word", "file.txt")
    elif kind == "word":
        yield from (Thing(item, kind, item) for item in rule._converters[name].regex[3:-1].split("|"))
    elif kind == "token":
        purpose = purpose_of(rule)
        for which, value, home in case_matrix.keys[kind]:
            yield Thing(value, kind, which if which == purpose else NO_THING, home)
        yield Thing(missing(kind), kind, NO_THING)
    elif kind == "help_language":
        yield Thing("en", "word", "en")
        yield Thing(missing(kind), kind, NO_THING)
    elif kind == "help_picture":
        yield Thing("shot", "word", "shot")
        yield Thing(missing(kind), kind, NO_THING)
    elif kind == "help_version":
        yield Thing("1", "word", "1")
        yield Thing(missing(kind), kind, NO_THING)
    elif kind == "view":
        yield from (Thing(view, "word", view) for view in ("mine", "unassigned", "new", "all"))
        yield Thing("nonsense", kind, NO_THING)
    else:
        spelled = Counter(value for _which, value, _home in case_matrix.keys[kind])
        held = ("contact", "environment", "registration", "group_role")
        inside = parent.which if parent is not None and kind in held else ""
        for which, value, home in case_matrix.keys[kind]:
            if not inside or home == inside or parent is None:
                yield Thing(value, kind, which, home, twin=spelled[value] > 1)
        if inside:
            # One from elsewhere, asked for behind this organization.
            yield from (
                Thing(value, kind, NO_THING)
                for _w, value, home in case_matrix.keys[kind][:40]
                if home not in ("", inside)
            )
        yield Thing(missing(kind), kind, NO_THING)


def missing(kind: str) -> str:
    """A well-formed name of something that is not there."""
    named = {
        "case": "ACME-987654",
        "organization": "no-such-place",
        "account": "NOSUCH",
        "way": "no-such-way",
        "typekey": "no-such-type",
        "token": "x" * 43,
        "question": "q99",
        "request_field": "no_such_field",
        "version": "99",
        "help_article": "no-such-guide",
        "help_category": "no-such-shelf",
        "help_language": "xx",
        "help_version": "99",
        "help_picture": "no-such-picture",
    }
    return named.get(kind, str(MISSING))


# -- the law --------------------------------------------------------------------------------------------------------


def provider_of(who: str) -> str:
    return "south" if who in SOUTH else "north"


# Zed's place at the provider was ended, and with it every session, at once.
SIGNED_OUT = ("nobody", "zed")


def is_let_in(who: str, address: Address) -> bool:
    """Whether the guard of the address lets *who* in, before any object is looked at."""
    guard = address.guard
    if guard.startswith("public"):
        return True
    if who in SIGNED_OUT:
        return False
    if not guard.startswith("requires "):
        return True
    permission = Permission(guard.removeprefix("requires "))
    if address.side == "desk":
        return who in STAFF and permission in ROLES[StaffRole(STAFF[who])]
    return who in CONTACTS and permission in ROLES[ContactRole(CONTACTS[who])]


def reaches(case_matrix: CaseMatrix, who: str, address: Address) -> bool:
    """Whether every thing in *address* is one that *who* may know of, there."""
    return all(_reaches(case_matrix, who, address, thing) for thing in address.things)


def _reaches(case_matrix: CaseMatrix, who: str, address: Address, thing: Thing) -> bool:
    side, which = address.side, thing.which
    if thing.which == NO_THING:
        return False
    match thing.kind:
        case "word":
            return True
        case "case":
            return sees(who, which, side)
        case "file":
            return sees(who, thing.inside, side) and (side == "desk" or which not in INTERNAL)
        case "saved_view" if which == "everyone":
            # Everybody finds it; its owner, and whoever may share, changes it.
            changes = address.path.endswith(("/edit", "/delete"))
            sharers = [key for key, role in STAFF.items() if Permission.VIEW_SHARE in ROLES[StaffRole(role)]]
            return _of_provider(who, thing) and (not changes or who in sharers)
        case "saved_view" | "saved_filter":
            return _of_provider(who, thing) and which == f"{who}:"
        case "own_reply":
            return _of_provider(who, thing) and which == f"{who}:"
        case "staged" | "bell" | "session" | "unsent_form" | "import_draft" | "passkey" | "device" | "push_device":
            return which.partition(":")[0] == who
        case "delayed_reply":
            return which == f"{who}:"
        case "form_draft":
            return which == f"{who}:{'desk' if side == 'desk' else 'portal'}"
        case "incoming_call":
            return _of_provider(who, thing) and (who != "tom" or which in TOMS)
        case "call_back":
            kind, _colon, waits = which.partition(":")
            return sees(who, kind, side) and (side == "desk" or waits == who)
        case "way" if address.path.startswith("/org/"):
            return ADMINISTERED.get(who) == thing.inside == address.which[0]
        case "way" if address.path.startswith("/me/"):
            members = (*ORGANIZATIONS.get(thing.inside, ()), *(("nia",) if thing.inside == "acme" else ()))
            return who in members if thing.inside in ("acme", "globex") else _of_provider(who, thing)
        case "linked" if address.path.startswith("/me/"):
            return which == f"{who}:"
        case "linked":
            return which == "waiting" and _of_provider(who, thing)
        case "typekey":
            return thing.inside == provider_of(who)
        case "token":
            return thing.inside == provider_of(who)
        case "account" if side == "desk" and address.path.startswith("/desk"):
            return _of_provider(who, thing) and (who != "tom" or which in TOMS)
        case "contact" if side == "desk" and address.path.startswith("/desk"):
            return _of_provider(who, thing) and (who != "tom" or thing.inside in TOMS)
        case "organization" if side == "portal":
            return who in ORGANIZATIONS[which] or (who, which) == ("nia", "acme")
        case "contact" | "environment" | "registration" if side == "portal":
            return ADMINISTERED.get(who) == thing.inside
        case "help_article" | "help_category" if side == "portal":
            return _of_provider(who, thing) and reads_help(who, which)
        case "help_article" if who == "tom":
            return _of_provider(who, thing) and which != "acme"
        case "community_topic" | "community_post" if side == "portal":
            return _of_provider(who, thing) and _is_in_space(who, which)
        case "community_space" | "community_topic" | "community_post" if who == "tom":
            return _of_provider(who, thing) and which != "acme"
        case "announcement":
            return _of_provider(who, thing) and _is_reached(who, which, side)
        case "chat":
            kind, _, person = which.partition(":")
            return _of_provider(who, thing) and sees(who, kind, side) and (side == "desk" or who == person)
        case "survey":
            return thing.inside == provider_of(who) and sees(who, which.partition(":")[0], "desk")
        case "mail" | "inbound_mail":
            kind = which.partition(":")[0]
            return thing.inside == provider_of(who) and (kind == "house" or sees(who, kind, "desk"))
        case _:
            return _of_provider(who, thing)


def reads_help(who: str, which: str) -> bool:
    """Whether the article of this audience (`help_articles.add_every_audience`) is for *who* on the portal."""
    match which:
        case "everybody":
            return True
        case "signed-in":
            return who not in SIGNED_OUT
        case "acme" | "globex" | "south":
            return who in ORGANIZATIONS[which] or (who, which) == ("nia", "acme")
        case "administrators":
            return who in ADMINISTERED
    return False


def _is_reached(who: str, which: str, side: str) -> bool:
    """Whether an announcement reaches *who*: those of `case_matrix.announce`."""
    if side == "desk":
        return who in STAFF and (who != "tom" or which in ("everybody", "globex", "draft"))
    if which == "draft" or who not in CONTACTS:
        return False
    return which == "everybody" or who in (ACMES if which == "acme" else ORGANIZATIONS["globex"])


def _is_in_space(who: str, which: str) -> bool:
    """Whether a space of `community.fill_spaces` is for *who* on the portal; Nia belongs to Acme, without access."""
    if which == "everybody":
        return who == "nia" or any(who in people for people in ORGANIZATIONS.values())
    return who in ORGANIZATIONS[which] or (who, which) == ("nia", "acme")


def _of_provider(who: str, thing: Thing) -> bool:
    return ("south" if thing.inside == "south" else "north") == provider_of(who)


def expected(case_matrix: CaseMatrix, who: str, address: Address) -> set[int]:
    """The statuses that a GET may answer."""
    if any(thing.twin for thing in address.things):
        return set(range(200, 500))
    if not is_let_in(who, address):
        return {302, 303, 401} if who in SIGNED_OUT else {403}
    first = address.things[0] if address.things else None
    # Members hear who could open the page; what would be behind it is not even looked up.
    inside = first is not None and first.kind == "organization" and address.side == "portal"
    if inside and _reaches(case_matrix, who, address, first) and ADMINISTERED.get(who) != first.which:
        return {403}
    if not reaches(case_matrix, who, address):
        return {404}
    fine = {200, 302, 303, 308, 403, 409, 410}
    return fine | {404} if address.endpoint in MAY_BE_MISSING else fine


# -- what is tried --------------------------------------------------------------------------------------------------

# Tried with every case; of the others each person tries some, and together the people try them all.
EVERY_CASE = {"cases.show", "desk.show"}
# Who tries every closed address; of the others everybody tries every third.
TRIES_ALL_CLOSED = {"olga", "eve", "pat", "nobody"}


def pick_addresses(case_matrix: CaseMatrix, who: str, rule: Rule, every: list[Address]) -> list[Address]:
    """Of *every* address of a route those that *who* tries: what they reach, what they do not, what is not there."""
    turn = sum(map(ord, f"{who}{rule.endpoint}"))
    if not is_let_in(who, every[0]):
        return every[:1] if who in TRIES_ALL_CLOSED or turn % 3 == 0 else []
    if rule.endpoint in EVERY_CASE or len(every) < 3:
        return every
    mine = [a for a in every if reaches(case_matrix, who, a)]
    foreign = [a for a in every if not reaches(case_matrix, who, a) and NO_THING not in a.which]
    nothing = [a for a in every if NO_THING in a.which]
    if "attachment_id" in rule.arguments and "key" in rule.arguments:
        return [
            *rotate(mine, turn)[:4],
            *rotate(foreign, turn)[:4],
            *pick_note_files(foreign, turn),
            *rotate(nothing, turn)[:2],
        ]
    return [*rotate(mine, turn)[:1], *rotate(foreign, turn)[: 1 if mine else 2], *rotate(nothing, turn)[:1]]


def pick_note_files(files: list[Address], turn: int) -> list[Address]:
    """Two files of internal notes among *files*."""
    return rotate([a for a in files if "notefile" in a.which], turn)[:2]


def rotate(row: list[Address], turn: int) -> list[Address]:
    """*row* begun elsewhere, so that different people try different things."""
    at = turn % len(row) if row else 0
    return row[at:] + row[:at]
