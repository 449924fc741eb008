"""Where connections to typed servers may lead: an address counts as the one that it reaches in the end."""

import ipaddress
import socket

import pytest

from portal.kernel import outward


@pytest.fixture(autouse=True)
def nothing_allowed():
    outward.configure_outward([])
    yield
    outward.configure_outward(["127.0.0.0/8", "::1"])


INTERNAL = [
    "127.0.0.1",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fec0::1",
    "fd00::1",
    "ff02::1",
    "2001:db8::1",
    # IPv4 within IPv6: mapped, compatible, translated, NAT64 (the common and the local prefix), 6to4, Teredo.
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::",
]
PUBLIC = ["9.9.9.9", "::ffff:9.9.9.9", "64:ff9b::909:909", "2002:909:909::1", "2606:4700::1111"]
# What the resolver of the machine reads as 127.0.0.1 or 169.254.169.254, though it is no address as it stands.
SPELLINGS = ["2130706433", "0x7f.1", "0x7f000001", "127.1", "017700000001", "0xa9fea9fe", "localhost"]


@pytest.mark.parametrize("address", INTERNAL)
def test_an_internal_address_is_not_allowed(address):
    assert not outward.is_allowed(ipaddress.ip_address(address))
    with pytest.raises(outward.InternalHost):
        outward.resolve_host(address, 25)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address):
    assert outward.is_allowed(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd00::1"])
def test_an_internal_address_may_be_allowed(address):
    outward.configure_outward(["10.0.0.0/8", "fd00::/8"])
    assert outward.is_allowed(ipaddress.ip_address(address))
    assert not outward.is_allowed(ipaddress.ip_address("::ffff:127.0.0.1"))


@pytest.mark.parametrize("host", SPELLINGS)
def test_another_spelling_of_an_internal_address_is_refused(host):
    with pytest.raises(outward.InternalHost):
        outward.connect(host, 25, 1)


def test_a_name_is_looked_up_once_and_its_checked_address_is_used(monkeypatch):
    """A name that leads elsewhere the next time (DNS rebinding) gains nothing."""
    outward.configure_outward(["127.0.0.2"])
    answers, asked = ["127.0.0.2", "127.0.0.1"], []
    real = socket.getaddrinfo

    def resolve(host, *arguments, **more):
        if host != "rebinding.example":
            return real(host, *arguments, **more)
        asked.append(host)
        return real(answers[len(asked) - 1], *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with (
        socket.create_server(("127.0.0.2", 0)) as server,
        outward.connect("rebinding.example", server.getsockname()[1], 5) as connection,
    ):
        assert connection.getpeername()[0] == "127.0.0.2"
        assert outward.stays_here(connection)
    assert asked == ["rebinding.example"]
