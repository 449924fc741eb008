"""Sentences about people of organizations that the portal and the administration share."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.tenants.queries.open_cases import HandedOver, OpenCases, Successor

# Whose cases the managers of an organization see.
MANAGERS = (
    ("", _l("No: a reporting line opens no cases")),
    ("direct", _l("Of the people who report to them")),
    ("line", _l("Of the people who report to them, and of everybody below these")),
)


def contact_label(name: str, sign_in: str) -> str:
    """A person among the choices of a contact. *sign_in* is a state of `identity.queries.SignIn`: whoever has no way in
    reads mails only."""
    if sign_in == "invited":
        return _("%(name)s (invited, not used yet)", name=name)
    return _("%(name)s (no sign-in, is only emailed)", name=name) if sign_in == "none" else name


def successor_label(one: Successor) -> str:
    """Somebody among the choices of who takes over open cases, with the cases that they cannot take."""
    return without_cases_label(contact_label(one.name, one.sign_in), one.unable)


def without_cases_label(person: str, unable: Sequence[str]) -> str:
    """*person* among the choices of who takes over open cases, but for those with the keys *unable*."""
    if not unable:
        return person
    more = len(unable) - 3
    cases = ", ".join(unable[:3]) + (f" {_('and %(n)d more', n=more)}" if more > 0 else "")
    return _("%(person)s, but not %(cases)s", person=person, cases=cases)


def access_changed_sentence(handed_over: HandedOver) -> str:
    """What happened when the access of a person was saved."""
    return _join(_("Saved. It takes effect with their next click."), _handed_over_sentence(handed_over))


def access_ended_sentence(name: str, handed_over: HandedOver, found: OpenCases) -> str:
    """What happened when the access of *name* ended, whose open cases were *found*."""
    listed = [row.id for row in found.rows if not row.contact_name]
    stay = not set(listed) <= set(handed_over.case_ids) or found.hidden or found.unlisted
    return _join(
        _("%(name)s no longer has access.", name=name),
        _handed_over_sentence(handed_over),
        _("Their other open cases continue, and support is notified that the contact left.") if stay else "",
    )


def _handed_over_sentence(handed_over: HandedOver) -> str:
    if not handed_over.case_ids:
        return ""
    return ngettext(
        "The contact of %(num)d open case is %(name)s now.",
        "The contact of %(num)d open cases is %(name)s now.",
        len(handed_over.case_ids),
        name=handed_over.name,
    )


def _join(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
