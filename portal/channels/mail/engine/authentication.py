"""Whether a message is from whom it says: what the receiving server wrote about it, and its DKIM signature.

A server's own words are believed only under its own name (`authserv-id`): anybody can write the header. A failure is
believed from everybody, because nobody forges one against themselves.

Mail inside a directory of Microsoft 365 is not checked by SPF, DKIM or DMARC. Exchange Online says instead that its
sender signed in (`X-MS-Exchange-Organization-AuthAs: Internal`), and removes such headers from what comes from other
organizations. `X-MS-Exchange-CrossTenant-AuthAs` travels between organizations and means nothing here.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import authres

from portal.channels.mail.engine.message import InboundMessage

# Stands for a header without the name of a server.
UNNAMED = ""
# What Exchange writes into mail inside an organization, and the servers of Exchange Online in its clouds. A server that
# the organization runs itself is not believed: it may pass on what printers and programs send under any name.
_INSIDE, _INSIDE_BY = "x-ms-exchange-organization-authas", "x-ms-exchange-organization-authsource"
_EXCHANGE_ONLINE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:outlook\.com|office365\.us|outlook\.cn)", re.IGNORECASE)
# What a result is about, the first that it has.
_ABOUT = ("header.from", "header.d", "header.i", "smtp.mailfrom")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the sender's domain vouched for the message. *reason* is a code: 'dmarc_pass', 'dkim_pass', 'spf_pass',
    'same_directory', 'failed', 'several_senders', 'no_sender', or 'unchecked' where no server that is trusted said
    anything."""

    trusted: bool
    reason: str


def check_authentication(message: InboundMessage, trusted_ids: Collection[str], directory_domain: str = "") -> Verdict:
    """The verdict over *message* by its Authentication-Results. *trusted_ids* are names of servers; a name stands for
    the names under it too, and UNNAMED for a header that names none. *directory_domain*: the domain of the mailbox of
    Microsoft 365 that the message was read from; its own senders can be inside the same directory."""
    if "two_from" in message.problems or len(message.senders) > 1:
        return Verdict(False, "several_senders")
    if not message.sender.email:
        return Verdict(False, "no_sender")
    read = [_read(value) for value in message.authentication_results[:20]]
    domain = message.sender.domain
    # The topmost of a trusted server: it was written last. Those below may be copied from an older mail.
    trusted = next((results for server, results in read if _is_trusted(server, trusted_ids)), None)
    everything = [result for _server, results in read for result in results]
    is_inside = bool(directory_domain) and domain == directory_domain and _is_inside(message)
    if is_inside and not _says(everything, "dmarc", "fail"):
        return Verdict(True, "same_directory")
    if trusted is None:
        failed = _says(everything, "dmarc", "fail") or _says(everything, "spf", "fail", domain)
        return Verdict(False, "failed" if failed else "unchecked")
    if not _says(trusted, "dmarc", "fail"):
        for method in ("dmarc", "dkim", "spf"):
            if _says(trusted, method, "pass", domain):
                return Verdict(True, f"{method}_pass")
    return Verdict(False, "failed" if trusted else "unchecked")


def _is_inside(message: InboundMessage) -> bool:
    """Whether Exchange Online says, once and in its own words, that the sender signed in at the organization."""
    said, by = message.headers.get(_INSIDE, ()), message.headers.get(_INSIDE_BY, ())
    if len(said) != 1 or len(by) != 1:
        return False
    return said[0].strip().lower() == "internal" and bool(_EXCHANGE_ONLINE.fullmatch(by[0].strip()))


@dataclass(frozen=True, slots=True)
class _Result:
    method: str
    result: str
    # The domain that it is about: header.from, header.d or smtp.mailfrom.
    domain: str


def _read(value: str) -> tuple[str, list[_Result]]:
    """(server, results) of one header; ('', []) for what is none."""
    try:
        header = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
        found = [
            _Result(str(one.method).lower(), str(one.result).lower(), _subject_of(one.properties))
            for one in header.results
        ]
        return str(header.authserv_id or "").lower(), found
    except Exception:  # the header is written by strangers
        return _read_loosely(value)


def _subject_of(properties: Sequence[Any]) -> str:
    """The domain that a result is about; '' if it does not say so."""
    values = {f"{one.type}.{one.name}": str(one.value) for one in properties}
    about = next((values[name] for name in _ABOUT if name in values), "")
    return about.rpartition("@")[2].lower()


def _read_loosely(value: str) -> tuple[str, list[_Result]]:
    """What servers write that the grammar does not allow, such as Microsoft's header without a server."""
    first, *pieces = value.split(";")
    if re.search(r"\b(?:spf|dkim|dmarc)=", first):
        first, pieces = "", [first, *pieces]
    found = []
    for piece in pieces:
        named = re.match(r"\s*(spf|dkim|dmarc)\s*=\s*(\w+)", piece, re.IGNORECASE)
        about = re.search(r"(?:header\.from|header\.d|smtp\.mailfrom)=\S*?([\w.-]+)(?:[;\s]|$)", piece, re.IGNORECASE)
        if named:
            found.append(_Result(named[1].lower(), named[2].lower(), about[1].lower() if about else ""))
    return first.split()[0].lower() if first.split() else "", found


def _is_trusted(server: str, trusted_ids: Collection[str]) -> bool:
    if server == UNNAMED:
        return UNNAMED in trusted_ids
    return any(server == one or server.endswith(f".{one}") for one in trusted_ids if one)


def _says(results: Sequence[_Result], method: str, result: str, domain: str | None = None) -> bool:
    """Whether one of *results* is so; with *domain*, about that domain. DMARC is about the sender by definition."""
    for one in results:
        if (one.method, one.result) == (method, result):
            own = domain is None or _is_aligned(one.domain, domain) or (method == "dmarc" and not one.domain)
            if own:
                return True
    return False


def _is_aligned(one: str, domain: str) -> bool:
    """Relaxed alignment without a list of public suffixes: equal, or one under the other with two labels at least."""
    one, domain = one.rstrip(".").lower(), domain.rstrip(".").lower()
    if not one or not domain:
        return False
    shorter = min(one, domain, key=len)
    return one == domain or (shorter.count(".") >= 1 and (one.endswith(f".{domain}") or domain.endswith(f".{one}")))
