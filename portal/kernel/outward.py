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
# IPv6 addresses of the Internet; `is_global` holds for much that is not assigned, too.
_UNICAST = ipaddress.IPv6Network("2000::/3")
# Addresses behind which a translator reaches the IPv4 address in the last four bytes (NAT64).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


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
    """Whether *address* is public, or internal and allowed. An IPv6 address that carries an IPv4 address counts as
    that one."""
    plain = _unwrap(address)
    public = plain.is_global and not plain.is_multicast and (plain.version == 4 or plain in _UNICAST)
    return public or any(plain.version == network.version and plain in network for network in _allowed_networks)


def _unwrap(address: Address) -> Address:
    """The IPv4 address to which *address* leads (mapped, 6to4 or NAT64); otherwise *address*."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def stays_here(connection: socket.socket) -> bool:
    """Whether *connection* leads to this machine, so that nobody else reads what is sent through it."""
    return _unwrap(ipaddress.ip_address(str(connection.getpeername()[0]).partition("%")[0])).is_loopback


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
