"""What refers to a row, in words."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

# Tables whose rows are the same thing to whoever reads it: the case is counted once, however it refers.
SAME = {
    "sla_standings": "cases",
    "case_grants": "cases",
    "contact_access": "contacts",
    "browser_sessions": "passwords",
    "authenticators": "passwords",
    "recovery_codes": "passwords",
    "passkeys": "passwords",
    "scim_groups": "scim_clients",
    "scim_group_roles": "scim_clients",
}


def reference_sentences(found: Mapping[str, int]) -> list[str]:
    """ "3 cases", "1 person": what refers to a row, one sentence for each kind of thing; the past comes last."""
    numbers: dict[str, int] = {}
    for table, n in found.items():
        kind = SAME.get(table, table)
        numbers[kind] = max(numbers.get(kind, 0), n)
    named = {kind: _words(kind, n) for kind, n in numbers.items()}
    past = sum(n for kind, n in numbers.items() if not named[kind])
    sentences = [words for words in named.values() if words]
    if past:
        sentences.append(ngettext("%(num)d record of the past", "%(num)d records of the past", past))
    return sentences


def _words(kind: str, n: int) -> str:
    """The sentence for *n* rows of *kind*; '' for kinds that nobody knows by name."""
    match kind:
        case "cases":
            return ngettext("%(num)d case", "%(num)d cases", n)
        case "contacts":
            return ngettext("%(num)d person, also a former one", "%(num)d people, also former ones", n)
        case "passwords":
            return ngettext("%(num)d sign-in", "%(num)d sign-ins", n)
        case "accounts":
            return ngettext("%(num)d account", "%(num)d accounts", n)
        case "request_types":
            return ngettext("%(num)d request type", "%(num)d request types", n)
        case "mailboxes":
            return ngettext("%(num)d mailbox", "%(num)d mailboxes", n)
        case "inbound_mails":
            return ngettext("%(num)d received email", "%(num)d received emails", n)
        case "sla_assignments":
            return ngettext("%(num)d assignment of promises", "%(num)d assignments of promises", n)
        case "scim_clients":
            return _("Provisioning (SCIM)")
        case _:
            return ""
