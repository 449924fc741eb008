"""Pages under docs/ that are printed from the code, so that they cannot be wrong: `make docs`."""

import inspect
import re
from collections.abc import Iterable
from pathlib import Path

from portal.authz import permissions
from portal.authz.permissions import Permission
from portal.authz.roles import ROLES
from portal.cases.states import STEPS, State, default_label
from portal.config import Config
from portal.notifications.rules import CONTACT_TOPICS, NEVER_UNHEARD, RULES, Mailing, Rule, Topic

HEAD = "<!-- Printed by `make docs`; change the code, not this page (a test compares them). -->\n\n"


def permission_meanings() -> dict[Permission, str]:
    """What each permission lets people do: the comment beside it in the enum."""
    found = re.findall(r"^    (\w+) = \"[^\"]+\"  # (.+)$", inspect.getsource(permissions), re.MULTILINE)
    return {Permission[name]: text for name, text in found}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, *rows)]
    width = len(list(head))
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]]) + "\n"


def permissions_page() -> str:
    """Who may do what: roles across, permissions down."""
    roles = list(ROLES)
    rows = [
        [meaning, f"`{permission}`", *("●" if permission in ROLES[role] else "" for role in roles)]
        for permission, meaning in permission_meanings().items()
    ]
    return (
        f"# Permissions\n\n{HEAD}Staff hold their role's permissions inside the accounts they look after. Contacts hold"
        " those of the access rows that cover a case's account and environment, and what they are to the case itself"
        " (reporter, contact, affected, participant, reader). Exclusion from a case beats all of it.\n\n"
        + _table(["May", "permission", *(str(role) for role in roles)], rows)
    )


def lifecycle_page() -> str:
    """Verbs and states of a case, as a table and as a picture."""
    rows = [
        [
            step.verb,
            "any" if len(step.sources) == len(State) else ", ".join(s.value for s in State if s in step.sources),
            step.to.value if step.to else "unchanged",
            step.side,
            f"`{step.permission}`" if step.permission else "the clock",
            ", ".join(step.asks) or "–",
            f"`{step.event}`",
        ]
        for step in STEPS
    ]
    arrows = sorted(
        {
            f"    {source.value} --> {step.to.value}: {step.verb}"
            for step in STEPS
            if step.to
            for source in step.sources
            if source != step.to
        }
    )
    labels = [[s.value, str(default_label(s, "contact")), str(default_label(s, "staff"))] for s in State]
    return (
        f"# The life of a case\n\n{HEAD}"
        + _table(["verb", "from", "to", "who", "permission", "asks for", "event"], rows)
        + "\nWhat words do beside being recorded: a public reply of staff makes a new case `open`; a customer's reply"
        " takes `waiting` and `on_hold` to `open`, and reopens `resolved` and (where the provider allows it) `closed`"
        " unless it only says thanks. Taking or routing makes a new case `open`.\n\n"
        + _table(["state", "the customer reads", "staff read"], labels)
        + "\n```mermaid\nstateDiagram-v2\n    [*] --> new: submit\n"
        + "\n".join(arrows)
        + "\n```\n"
    )


def configuration_page() -> str:
    """Every environment variable."""
    rows = [
        [f"`{name.upper()}`", f"`{field.default}`" if field.default not in ("", None) else "–", field.description or ""]
        for name, field in Config.model_fields.items()
    ]
    return f"# Configuration\n\n{HEAD}Read once from the environment when a process starts.\n\n" + _table(
        ["variable", "default", "meaning"], rows
    )


def notifications_page() -> str:
    """Who is told what, and how: a line for each row of the table that delivery reads."""
    rows = [
        [f"`{rule.event}`", AUDIENCES[rule.audience], "●" if rule.bell else "", _mailing_words(rule), rule.mail or ""]
        for rule in RULES
    ]
    topics = [
        [f"`{topic}`", "portal" if topic in CONTACT_TOPICS else "desk", "on" if topic in CONTACT_TOPICS else "off"]
        for topic in Topic
    ]
    return (
        f"# Who is told what\n\n{HEAD}A person who belongs to several audiences of an event is told once, for the first"
        " of its lines. Nobody is told who may not see the case at that moment, who did it, or who muted the case"
        " (mute does not hold for its end). A mail of an event goes to the same people at the moment when the worker"
        " writes it, and is withdrawn if its reader may not see the case when it is sent.\n\n"
        + _table(["event", "audience", "bell", "mail", "kind"], rows)
        + "\nA customer's word, a new case, a hold that is over and an objection never stay unheard: where nobody of"
        f" the lines for staff can be told ({', '.join(f'`{name}`' for name in sorted(NEVER_UNHEARD))}), the leads and"
        " administrators who may see the case are told, else everybody who answers it.\n\n"
        "A status that changes together with a message is told by the mail about the message.\n\n## Choices\n\n"
        "On `/me/notifications` people choose of which topics they get mails. Emergencies are mailed to staff whatever"
        " they chose.\n\n" + _table(["topic", "side", "without a choice"], topics)
    )


AUDIENCES = {
    "receipt": "who opened it on the portal",
    "opened_for": "the contact, if somebody else opened it for them and did not switch that off",
    "contact": "the contact",
    "new_contact": "the contact, if they became it now",
    "reporter": "who opened it on the portal",
    "copied": "people in copy and further affected people",
    "added": "the person who was let in",
    "follower": "followers on the portal",
    "staff_follower": "followers of the staff",
    "surveyed": "who is asked the survey, also if they ended the case",
    "owner": "the owner",
    "unowned": "if nobody owns it: the leads of the account and the department of the case; without one everybody who"
    " looks after the account",
    "department": "if nobody owns it: the department; if nobody works in it everybody who looks after the account",
    "tier": "the people of the new tier (of the department, where there are any), else the leads",
    "low_answers": "who is to hear of low survey answers",
    "follow_up_owner": "who follows the answer up",
    "alarmed": "whom the escalation rule names",
    "administrators": "the active administrators of the provider; a matter of access, no case",
    "person": "the person",
}


def _mailing_words(rule: Rule) -> str:
    match rule.mailing:
        case Mailing.ALWAYS:
            return "always; one for all cases of a moment" if rule.gathered else "always"
        case Mailing.UNLESS_OFF:
            return f"unless `{rule.topic}` is off"
        case Mailing.EMERGENCIES:
            return f"emergencies; all if `{rule.topic}` is on"
    return ""


PAGES = {
    "notifications.md": notifications_page,
    "permissions.md": permissions_page,
    "lifecycle.md": lifecycle_page,
    "configuration.md": configuration_page,
}


def write_pages(folder: Path) -> list[str]:
    """Print every page into *folder*; returns the names of those that changed."""
    changed = []
    for name, page in PAGES.items():
        target, text = folder / name, page()
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
            changed.append(name)
    return changed
