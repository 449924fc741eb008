"""What refers to a row, in words."""

from collections.abc import Mapping

from flask_babel import ngettext


def reference_sentences(found: Mapping[str, int]) -> list[str]:
    """ "3 cases", "1 person": what refers to a row, by table."""
    return [_words(table, number) for table, number in found.items()]


def _words(table: str, n: int) -> str:
    match table:
        case "cases" | "sla_standings" | "case_grants":
            return ngettext("%(num)d case", "%(num)d cases", n)
        case "contacts" | "contact_access":
            return ngettext("%(num)d person, also a former one", "%(num)d people, also former ones", n)
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
        case _:
            return ngettext("%(num)d record of the past", "%(num)d records of the past", n)
