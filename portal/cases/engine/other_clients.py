"""Traces of other clients in a text that is about to be sent: case numbers, account keys, names, domains.

`build_index` orders the names of all clients of a provider once. `find_names` walks over a text once; its time grows
with the length of the text, not with the number of clients.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple
from unicodedata import normalize
from uuid import UUID

from portal.kernel.text import fold

# What is longer is no message of a person; the rest of it is not read.
TEXT_LIMIT = 250_000
DOMAIN_LIMIT = 100
SHOWN_LIMIT = 80
# A domain of this many clients is that of a mail provider; a file of this many accounts is a common document.
COMMON = 3

_WORD = re.compile(r"\w+")
_CASE_KEY = re.compile(r"(?<![\w-])([A-Za-z][A-Za-z0-9]{1,9})-([0-9]{1,9})(?![\w])", re.ASCII)
_DOMAIN = re.compile(r"(?<![\w.-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w-])")
# The ends of company names that say what kind of company it is.
_LEGAL_FORMS = frozenset(
    [
        *("ab", "ag", "aps", "as", "bv", "co", "company", "corp", "corporation", "doo", "gmbh", "inc", "incorporated"),
        *("kft", "kg", "limited", "llc", "llp", "ltd", "nv", "oo", "oy", "plc", "pte", "pty", "sa", "sarl", "sas"),
        *("sl", "sp", "spa", "spj", "spk", "srl", "sro", "zoo", "a", "b", "c", "d", "i", "j", "k", "l", "o", "p", "r"),
        *("s", "v", "z"),
    ]
)
# Words that name parts of every client; alone they name none.
_COMMON_WORDS = frozenset(
    [
        *("account", "accounts", "branch", "business", "center", "central", "centre", "client", "customer", "data"),
        *("default", "demo", "dev", "development", "east", "europe", "external", "factory", "general", "global"),
        *("group", "head", "headquarters", "holding", "home", "hosting", "internal", "international", "it", "local"),
        *("main", "mail", "network", "north", "office", "online", "other", "prod", "production", "project", "remote"),
        *("sales", "server", "service", "services", "shop", "site", "solutions", "south", "staging", "standard"),
        *("store", "support", "systems", "team", "test", "training", "warehouse", "web", "west"),
        *("biuro", "centrala", "firma", "glowne", "klient", "oddzial", "produkcja", "serwis", "sklep", "wsparcie"),
    ]
)
# Domains under which anybody can have an address.
PUBLIC_DOMAINS = frozenset(
    [
        *("aol.com", "fastmail.com", "free.fr", "gmail.com", "gmx.at", "gmx.de", "gmx.net", "googlemail.com"),
        *("hotmail.com", "hotmail.fr", "icloud.com", "interia.pl", "laposte.net", "live.com", "mac.com", "mail.com"),
        *("mail.ru", "me.com", "msn.com", "o2.pl", "onet.pl", "op.pl", "orange.fr", "outlook.com", "poczta.onet.pl"),
        *("proton.me", "protonmail.com", "qq.com", "t-online.de", "tlen.pl", "web.de", "wp.pl", "yahoo.com"),
        *("yahoo.co.uk", "yandex.com", "zoho.com", "163.com", "126.com", "naver.com", "libero.it", "orange.pl"),
    ]
)


class TraceKind(StrEnum):
    """What belongs to another client."""

    CASE_KEY = "case_key"
    NAME = "name"
    DOMAIN = "domain"
    RECIPIENT = "recipient"
    FILE = "file"


class Trace(NamedTuple):
    """Something of another client. *text* is what stands in the text; *account_id* is None for what belongs to the
    organization as a whole."""

    kind: TraceKind
    text: str
    account_id: UUID | None
    organization_id: UUID

    @property
    def fingerprint(self) -> str:
        """The same for the same words, whoever wrote them and however: a domain is one in a text and of a reader."""
        kind = TraceKind.DOMAIN if self.kind is TraceKind.RECIPIENT else self.kind
        return hashlib.sha256(f"{kind}:{fold(self.text)}".encode()).hexdigest()[:16]


class ClientName(NamedTuple):
    """One account: its key and former keys, its name, and the name of its organization."""

    account_id: UUID
    organization_id: UUID
    keys: tuple[str, ...]
    name: str
    organization: str


class Phrase(NamedTuple):
    """The folded words of a name. *capital* asks for a capital letter in the text, *upper* for capitals only."""

    words: tuple[str, ...]
    capital: bool
    upper: bool
    account_id: UUID | None
    organization_id: UUID


class NameIndex(NamedTuple):
    """The names of all clients of a provider: accounts by key, phrases by their first word, and the names of each
    account by its id."""

    keys: Mapping[str, tuple[UUID, UUID]]
    phrases: Mapping[str, tuple[Phrase, ...]]
    names: Mapping[UUID, tuple[str, ...]]


class OwnClient(NamedTuple):
    """Whom the text is for. *readers*: further organizations that read it. *names*: what its client and the provider
    are called, which is no trace of anybody."""

    account_id: UUID
    organization_id: UUID
    readers: frozenset[UUID]
    names: tuple[str, ...]


def build_index(clients: Iterable[ClientName]) -> NameIndex:
    """The index of *clients*. Names of a few letters, and names of common words, are left out."""
    keys: dict[str, tuple[UUID, UUID]] = {}
    phrases: dict[str, dict[Phrase, None]] = {}
    names: dict[UUID, tuple[str, ...]] = {}
    for client in clients:
        names[client.account_id] = (*client.keys, client.name, client.organization)
        found = []
        for key in client.keys:
            keys[key] = (client.account_id, client.organization_id)
            if len(key) >= 4:
                found.append(Phrase((fold(key),), True, True, client.account_id, client.organization_id))
        found.append(_phrase(client.name, client.account_id, client.organization_id))
        found.append(_phrase(client.organization, None, client.organization_id))
        for phrase in found:
            if phrase.words and not all(word in _COMMON_WORDS for word in phrase.words):
                phrases.setdefault(phrase.words[0], {})[phrase] = None
    by_word = {word: tuple(rows) for word, rows in phrases.items()}
    return NameIndex(MappingProxyType(keys), MappingProxyType(by_word), MappingProxyType(names))


def _phrase(name: str, account_id: UUID | None, organization_id: UUID) -> Phrase:
    words = name_words(name)
    if sum(map(len, words)) < (4 if len(words) == 1 else 6) and all(word.isascii() for word in words):
        words = ()
    return Phrase(words, len(words) == 1, False, account_id, organization_id)


def name_words(name: str) -> tuple[str, ...]:
    """The folded words of a company's name, without its legal form."""
    words = [fold(word) for word in _WORD.findall(normalize("NFC", name))]
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words.pop()
    return tuple(words)


def find_names(text: str, index: NameIndex, own: OwnClient) -> list[Trace]:
    """The case numbers, keys and names of other clients in *text*, each once, in the order in which they stand."""
    text = normalize("NFC", text[:TEXT_LIMIT])
    found: dict[str, Trace] = {}
    own_names = [name_words(name) for name in own.names]

    def add(kind: TraceKind, shown: str, account_id: UUID | None, organization_id: UUID) -> None:
        if account_id == own.account_id or organization_id in own.readers:
            return
        if account_id is None and organization_id == own.organization_id:
            return
        trace = Trace(kind, shown[:SHOWN_LIMIT], account_id, organization_id)
        found.setdefault(trace.fingerprint, trace)

    numbers = set()
    for match in _CASE_KEY.finditer(text):
        place = index.keys.get(match[1].upper())
        if place is not None:
            numbers.add(match.start())
            add(TraceKind.CASE_KEY, match[0].upper(), *place)
    tokens = [(match.start(), match.end(), fold(match[0])) for match in _WORD.finditer(text)]
    for at, (start, _end, word) in enumerate(tokens):
        for phrase in index.phrases.get(word, ()):
            length = len(phrase.words)
            if tuple(token[2] for token in tokens[at : at + length]) != phrase.words:
                continue
            shown = text[start : tokens[at + length - 1][1]]
            if (phrase.upper and not shown.isupper()) or (phrase.capital and shown[:1].islower()):
                continue
            if start in numbers and length == 1:
                continue
            if not any(_is_part(phrase.words, name) for name in own_names):
                add(TraceKind.NAME, " ".join(shown.split()), phrase.account_id, phrase.organization_id)
    return list(found.values())


def _is_part(words: Sequence[str], name: Sequence[str]) -> bool:
    """Whether *words* stand in *name*, one after another."""
    length = len(words)
    return any(tuple(name[at : at + length]) == tuple(words) for at in range(len(name) - length + 1))


def find_domains(text: str) -> list[str]:
    """The domains in *text* (addresses and host names), each with the domains above it, at most DOMAIN_LIMIT."""
    found: dict[str, None] = {}
    for match in _DOMAIN.finditer(text[:TEXT_LIMIT].casefold()):
        for domain in domains_above(match[0]):
            found[domain] = None
        if len(found) >= DOMAIN_LIMIT:
            break
    return list(found)[:DOMAIN_LIMIT]


def domains_above(domain: str) -> Iterator[str]:
    """*domain* and the domains above it, without the last label alone and without public mail domains."""
    labels = domain.split(".")
    for at in range(len(labels) - 1):
        above = ".".join(labels[at:])
        if above not in PUBLIC_DOMAINS:
            yield above


def foreign_owner(owners: Collection[UUID], own: Collection[UUID]) -> UUID | None:
    """The one of *owners* whose thing it is; None if one of *own* has it too, or if it is common."""
    if not owners or set(owners) & set(own) or len(set(owners)) >= COMMON:
        return None
    return min(owners)
