"""Parley's own source, parsed once: what the tests of its conventions read."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"
TEMPLATES = ROOT / "templates"
MIGRATIONS = ROOT / "migrations" / "versions"

# The order of DESIGN 6: a feature knows only those before it. A new feature is added here.
FEATURES = (
    *("identity", "tenants", "sso", "registrations", "scim", "attachments", "drafts", "cases"),
    *("sla", "surveys", "approvals", "tasks", "snoozes", "time_entries", "rules", "assignment", "knowledge"),
    *(
        "canned_replies",
        "announcements",
        "chat",
        "community",
        "calls",
        "channels",
        "notifications",
        "installation",
        "search",
        "reports",
        "audit",
        "admin",
        "presets",
        "api",
    ),
)
# What a feature shows to later ones.
SHOWN = (
    "models",
    "states",
    "policies",
    "queries",
    "actions",
    "labels",
    "plans",
    "import_config",
    "renamable_texts",
    "locale_choices",
    # What a picker of canned replies offers, for the composer of a case and for a chat.
    "offers",
    # The conversation of a case as pages show it, which a chat shows too.
    "timeline",
    # The files of a form with attachments, for replies, new cases and chats.
    "form_files",
    # The form that corrects a person, for the administration and an organization's own pages.
    "person_forms",
    # The field in which access is given, for the same two.
    "access_field",
    # The choice of a manager, for the same two.
    "manager_choice",
    # Where every way to sign in ends (docs/howto/04-add-a-way-to-sign-in.md).
    "sign_in",
    # Whatever is tried from outside is counted in one way.
    "throttle",
    # What identity asks of later features about signing in.
    "sign_in_ways",
    "registration_rules",
    "factor_rules",
    # How often somebody who is not signed in may ask for a mail.
    "throttle",
)
# Inside a feature, from the bottom up: a module may import those of its own row and below. Every module of a feature
# stands in a row.
ROWS = (
    # Pure rules and data, and the tables.
    (
        *("engine", "models", "states", "rules", "vocabulary", "form_fields", "defaults", "renamable_texts"),
        *("passwords", "link_purposes", "sign_in_ways", "devices", "schema", "idempotency", "thanks"),
        *("registration_rules", "factor_models", "factor_rules", "one_time_codes"),
    ),
    # Who may see what, and what must hold.
    # … and what the engine cannot accept, in words.
    ("policies", "audience", "preconditions", "receivers", "clock_rows", "clock_store", "rule_versions", "refusals"),
    # Reads and writes, with what they share.
    (
        *(
            "queries",
            "actions",
            "import_config",
            "recipients",
            "mail_rules",
            "mail_links",
            "push_keys",
            "push_devices",
            "opened_links",
            "topic_links",
            # What a search finds beside cases.
            "kinds",
            "account_questions",
            "mime",
            "urls",
            "mail_sink",
            "sending_faults",
        ),
        *("link_requests", "throttle", "servers", "system_work", "mailbox_access", "presence"),
    ),
    # What runs by itself, and what says things to people.
    (
        *(
            "reactions",
            "jobs",
            "polling",
            "graph_reading",
            "imap_reading",
            "mailbox_tests",
            "failure_notes",
            "mail_queue",
            "push_queue",
            "digests",
            "daily_news",
            "rendering",
            "subscriber_mails",
            "invitations",
        ),
        *("forms", "labels", "panels", "history", "timeline", "locale_choices", "person_forms", "access_field"),
        *("manager_choice", "permission_matrix"),
        "form_files",
        "offers",
        *(
            "setup_checklist",
            "get_started",
            "deletion_labels",
            "language_tabs",
            "security_labels",
            "sign_in",
            *("factor_steps", "passkey_ceremonies"),
            "link_redemption",
        ),
    ),
    ("pages",),
    ("routes", "cli", "api", "listener"),
    # The surface of the feature, as one object.
    ("feature",),
)
# The same part in another row: the registry of panels that later features fill.
ROW_OF = {("cases", "panels"): 0}
# Parts that may know the web. Everything else serves mail, API and jobs too.
PRESENTING = frozenset(
    [
        *(
            "forms",
            "labels",
            "panels",
            "history",
            "timeline",
            "rendering",
            "push_queue",
            "subscriber_mails",
            "locale_choices",
            "person_forms",
            "access_field",
            "manager_choice",
            "form_files",
            "offers",
            "permission_matrix",
        ),
        *(
            "setup_checklist",
            "get_started",
            "deletion_labels",
            "language_tabs",
            "security_labels",
            "sign_in",
            *("factor_steps", "passkey_ceremonies"),
            "link_redemption",
            "pages",
            "routes",
            "cli",
            "api",
            "feature",
        ),
    ]
)
# What ties everything together may import everything, and nobody imports it.
TOP = (
    "factory",
    "wiring",
    "schedule",
    "navigation",
    "cli",
    "mail_commands",
    "mailbox_commands",
    "sign_in_commands",
    "demo",
    "backups",
    "generated_docs",
    "messages",
)


@dataclass(frozen=True)
class Module:
    """One file of `portal`."""

    path: Path
    tree: ast.Module

    @property
    def name(self) -> str:
        """`portal.cases.actions.opening`."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def home(self) -> str:
        """The folder or module under `portal` that it belongs to."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 else ""

    @property
    def part(self) -> str:
        """What it is inside its feature: models, actions, routes …"""
        parts = split_name(self.name)
        return parts[2] if len(parts) > 2 else ""

    @property
    def row(self) -> int | None:
        """Its row among ROWS, 0 at the bottom; None for a part that stands in no row."""
        if (self.home, self.part) in ROW_OF:
            return ROW_OF[self.home, self.part]
        return next((number for number, parts in enumerate(ROWS) if self.part in parts), None)

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of everything it imports; `from portal.cases import models` says portal.cases.models."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node.lineno, alias.name
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    yield node.lineno, f"{node.module}.{alias.name}"

    def calls(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of everything it calls, as written."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and (name := dotted(node.func)):
                yield node.lineno, name

    def attributes(self) -> Iterator[tuple[int, str]]:
        """(line, dotted name) of every attribute it reads or writes."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute) and (name := dotted(node)):
                yield node.lineno, name


def split_name(name: str) -> list[str]:
    """The parts of a dotted name. A channel is a feature of its own inside `channels`: its own name is left out, so
    that `portal.channels.mail.actions` reads as the actions of `channels`."""
    parts = name.split(".")
    return [*parts[:2], *parts[3:]] if parts[1:2] == ["channels"] and len(parts) > 2 else parts


def dotted(node: ast.expr) -> str:
    """`a.b.c` as written; what is not a plain name becomes `?`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return "?"


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the product."""
    return tuple(Module(path, ast.parse(path.read_text())) for path in sorted(PORTAL.rglob("*.py")))


def entry_modules() -> list[Module]:
    """The modules through which work comes in, and those that show it: they read by queries and write by actions."""
    # `rendering` and `subscriber_mails` store the mails that they render: they are no way in, only jobs call them.
    return [
        m
        for m in modules()
        if m.home in FEATURES and m.part in {*PRESENTING, "jobs"} - {"rendering", "push_queue", "subscriber_mails"}
    ]


@cache
def templates() -> tuple[tuple[Path, str], ...]:
    """Every page template with its text; mails are no pages (mail programs want inline style)."""
    return tuple(
        (path.relative_to(TEMPLATES), path.read_text())
        for path in sorted(TEMPLATES.rglob("*.html"))
        if "emails" not in path.parts
    )


@cache
def template_sources() -> tuple[tuple[Path, str], ...]:
    """Every template with its text: pages, mails, plain text."""
    return tuple(
        (path.relative_to(TEMPLATES), path.read_text())
        for path in sorted(TEMPLATES.rglob("*"))
        if path.suffix in (".html", ".txt")
    )


@cache
def template_trees() -> tuple[tuple[Path, nodes.Template], ...]:
    """Every page template as Jinja reads it."""
    return tuple((path, Environment(autoescape=True).parse(text)) for path, text in templates())
