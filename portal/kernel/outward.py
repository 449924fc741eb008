"""Connections to servers whose names people typed: never to an internal address that no setting allows.

The address is looked up once and used as it was checked, so that a name cannot lead elsewhere afterwards.
"""

import ipaddress
import socket
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Networks (as text) and host names that may be reached though they are internal.
_allowed_networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
_allowed_names: frozenset[str] = frozenset()


class UnknownHost(OSError):
    """The name has no address."""


class InternalHost(OSError):
    """The name leads to an internal address that is not allowed."""


def configure_outward(allowed: Iterable[str]) -> None:
    """Allow the networks, addresses and host names of *allowed*."""
    global _allowed_networks, _allowed_names
    networks, names = [], set()
    for entry in allowed:
        try:
            networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            names.add(entry.lower())
    _allowed_networks, _allowed_names = tuple(networks), frozenset(names)


def resolve_host(host: str, port: int) -> list[Address]:
    """The addresses of *host* that may be connected to. Raises UnknownHost or InternalHost."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError) as problem:
        raise UnknownHost(host) from problem
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    allowed = [one for one in dict.fromkeys(addresses) if host.lower() in _allowed_names or is_allowed(one)]
    if not allowed:
        raise InternalHost(host)
    return allowed


def is_allowed(address: Address) -> bool:
    """Whether *address* is public, or internal and allowed."""
    plain = getattr(address, "ipv4_mapped", None) or address
    public = plain.is_global and not plain.is_multicast
    return public or any(plain.version == network.version and plain in network for network in _allowed_networks)


def is_loopback(host: str, port: int) -> bool:
    """Whether every address of *host* is of this machine, so that nobody else reads what is sent there."""
    return all(address.is_loopback for address in resolve_host(host, port))


def connect(host: str, port: int, seconds: float) -> socket.socket:
    """A connection to the first address of *host* that answers within *seconds*. Raises UnknownHost, InternalHost, or
    OSError of the last address."""
    problem: OSError = UnknownHost(host)
    for address in resolve_host(host, port):
        try:
            return socket.create_connection((str(address), port), seconds)
        except OSError as failure:
            problem = failure
    raise problem
