"""Which addresses beside ours a mail went to that may be people: pure, from its headers alone."""

import re
from collections.abc import Collection, Iterator

from portal.channels.mail.engine.message import InboundMessage, MailAddress
from portal.channels.mail.rules import bare_address

# Addresses that programs answer, or nobody.
_NOBODY = re.compile(
    r"(?:mailer-daemon|mail-daemon|postmaster|abuse|hostmaster|no-?reply\S*|do-?not-?reply\S*|nicht-?antworten|"
    r"nie-?odpowiadaj|unsubscribe|bounces?|undisclosed-recipients|listserv|majordomo|mailman)(?:[+._-].*)?"
)
# What follows the name of a mailing list in the addresses that serve it, and the hosts of lists.
_LIST_LOCAL = re.compile(
    r"owner-.+|.+-(?:request|bounces?|owner|admin|subscribe|unsubscribe|list|announce|users|devel)"
)
_LIST_DOMAIN = re.compile(r"(?:lists?|listserv|mailman|groups)\..+|(?:.+\.)?(?:googlegroups\.com|groups\.io)")


def find_people(
    message: InboundMessage, mailboxes: Collection[str], own_domains: Collection[str], delivered: Collection[str]
) -> list[MailAddress]:
    """The addresses in To and Cc of *message* that may be people, each once.

    Left out: its sender; *mailboxes* of the provider, other addresses under its *own_domains*, and the addresses that
    the mail was *delivered* to, which are aliases of a mailbox; addresses that nobody reads; mailing lists.
    """
    arrived_at = {one.lower() for one in delivered} | {one.email for one in message.delivered_to}
    lists = _named_lists(message)
    found: dict[str, MailAddress] = {}
    for one in [*message.to, *message.cc]:
        ours = bare_address(one.email) in mailboxes or one.domain in own_domains or one.email in arrived_at
        if ours or one.email == message.sender.email or one.email in lists or is_machine(one.email):
            continue
        found.setdefault(one.email, one)
    return list(found.values())


def is_machine(email: str) -> bool:
    """Whether *email*, in lower case, is read by no person, or is a mailing list."""
    local, _at, domain = email.rpartition("@")
    return bool(not local or _NOBODY.fullmatch(local) or _LIST_LOCAL.fullmatch(local) or _LIST_DOMAIN.fullmatch(domain))


def _named_lists(message: InboundMessage) -> set[str]:
    """The addresses of the lists that the mail itself names."""
    return set(_addresses_in(f"{message.header('list-post')} {message.header('list-unsubscribe')}".lower()))


def _addresses_in(text: str) -> Iterator[str]:
    for found in re.finditer(r"mailto:([^\s>?,]{1,254})", text[:5000]):
        yield found[1]
