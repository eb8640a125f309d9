"""Who asks: the peer, or whom a trusted proxy names; never whom the client names."""

from __future__ import annotations

import timeit
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from api.callers import UNKNOWN, Proxies, address

NONE = Proxies.parse([])
PROXIES = Proxies.parse(["127.0.0.1/32", "10.0.0.0/8", "2001:db8:ffff::/48"])


def asked(peer: str | None, *headers: tuple[str, str]) -> dict[str, Any]:
    lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    return {"type": "http", "client": None if peer is None else (peer, 50_000), "headers": lines}


def behind(*values: str, name: str = "X-Forwarded-For") -> str:
    """The address of who came by the proxy 127.0.0.1 with these header lines."""
    return address(asked("127.0.0.1", *[(name, value) for value in values]), PROXIES)


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"),
        ("2001:DB8:0:1:0:0:0:7", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("2001:db8:0:2::7", "2001:db8:0:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, UNKNOWN),
        ("", UNKNOWN),
        ("testclient", UNKNOWN),
    ],
)
def test_the_peer_has_one_spelling_and_ipv6_is_grouped_by_64(peer: str | None, expected: str) -> None:
    assert address(asked(peer), NONE) == address(asked(peer), PROXIES) == expected


def test_a_scope_without_a_client_is_unknown() -> None:
    assert address({"type": "http", "headers": []}, PROXIES) == UNKNOWN


def test_a_peer_that_is_no_proxy_is_not_believed() -> None:
    lines = [("X-Forwarded-For", "198.51.100.1"), ("Forwarded", "for=198.51.100.1")]
    assert address(asked("192.0.2.7", *lines), PROXIES) == "192.0.2.7"
    assert address(asked("127.0.0.1", *lines), NONE) == "127.0.0.1"
    assert address(asked(None, *lines), PROXIES) == UNKNOWN


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["192.0.2.7"], "192.0.2.7"),
        (["198.51.100.1, 192.0.2.7"], "192.0.2.7"),  # what stands further left the client may have made up
        (["198.51.100.1,192.0.2.7 ,\t10.0.0.1"], "192.0.2.7"),
        (["198.51.100.1", "192.0.2.7", "10.0.0.1, 10.2.3.4"], "192.0.2.7"),
        (["192.0.2.7:1234"], "192.0.2.7"),
        (["::ffff:192.0.2.7"], "192.0.2.7"),
        (["2001:db8::7"], "2001:db8::/64"),
        (["[2001:db8::7]"], "2001:db8::/64"),
        (["[2001:db8::7]:443"], "2001:db8::/64"),
        (["192.0.2.7, [2001:db8:ffff::1]:443, ::ffff:10.0.0.1"], "192.0.2.7"),
    ],
)
def test_the_last_address_before_the_proxies_is_the_client(lines: list[str], expected: str) -> None:
    assert behind(*lines) == expected


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "unknown",
        "_hidden",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.07",
        "192.0.2.7\n",
        "192.0.2.7:",
        "192.0.2.7:123456",
        "192.0.2.7/24",
        "192.0.2.7 198.51.100.1",
        "[2001:db8::7",
        "2001:db8::7]",
        "[192.0.2.7]x",
        "2001:db8::7%eth0",
        '"192.0.2.7"',
        "::ffff:192.0.2.7.1",
        "٣.0.0.1".encode().decode("latin-1"),
        "1" * 1_000,
    ],
)
def test_what_cannot_be_read_ends_the_walk_at_the_last_proxy(entry: str) -> None:
    assert behind(f"198.51.100.1, {entry}") == "127.0.0.1"
    assert behind(f"198.51.100.1, {entry}, 10.0.0.9") == "10.0.0.9"


def test_where_all_are_proxies_the_first_of_them_counts() -> None:
    assert behind("10.0.0.2, 10.0.0.1") == "10.0.0.2"
    assert behind() == "127.0.0.1"


def test_at_most_fifty_entries_are_looked_at() -> None:
    assert behind("192.0.2.7" + ",10.0.0.1" * 49) == "192.0.2.7"
    assert behind("192.0.2.7" + ",10.0.0.1" * 50) == "10.0.0.1"


def test_at_most_two_kilobytes_are_looked_at_and_a_cut_address_is_none() -> None:
    end = f",{' ' * 2_028}10.0.0.1"
    assert behind("192.0.2.77" + end[1:]) == "127.0.0.1"  # one malformed entry
    assert behind("192.0.2.77" + end) == "192.0.2.77"  # 2,047 bytes
    assert behind("192.0.2.77" + " " + end) == "192.0.2.77"  # 2,048
    assert behind("192.0.2.77" + "  " + end) == "10.0.0.1"  # 2,049: 92.0.2.77 would be another's address


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["for=192.0.2.7"], "192.0.2.7"),
        (["For=192.0.2.7;proto=https;by=203.0.113.43"], "192.0.2.7"),
        (['proto=https; for="192.0.2.7:80"'], "192.0.2.7"),
        (['for="[2001:db8::7]:443"'], "2001:db8::/64"),
        (["for=198.51.100.1, for=192.0.2.7", "for=10.0.0.1"], "192.0.2.7"),
        (['for="198.51.100.1, for=192.0.2.7'], "192.0.2.7"),  # an open quote hides nothing
        (['for=198.51.100.1;by="x, for=192.0.2.7'], "192.0.2.7"),
        (["for=unknown"], "127.0.0.1"),
        (["for=_hidden, for=10.0.0.1"], "10.0.0.1"),
        (["proto=https"], "127.0.0.1"),
        (["for=192.0.2.7;for=198.51.100.1"], "127.0.0.1"),
        (['for="192.0.2.7'], "127.0.0.1"),
        (['for="'], "127.0.0.1"),
        (["for"], "127.0.0.1"),
        (["192.0.2.7"], "127.0.0.1"),
    ],
)
def test_forwarded_is_read_too(lines: list[str], expected: str) -> None:
    assert behind(*lines, name="Forwarded") == expected


def test_forwarded_counts_only_where_x_forwarded_for_is_absent() -> None:
    forwarded = ("Forwarded", "for=198.51.100.1")
    assert address(asked("127.0.0.1", ("X-Forwarded-For", "192.0.2.7"), forwarded), PROXIES) == "192.0.2.7"
    assert address(asked("127.0.0.1", ("X-Forwarded-For", ""), forwarded), PROXIES) == "127.0.0.1"


def test_proxies_are_addresses_and_networks() -> None:
    proxies = Proxies.parse(["192.0.2.1", "2001:db8::1", "::ffff:10.0.0.0/104"])
    line = ("X-Forwarded-For", "203.0.113.9")
    for peer in ("192.0.2.1", "2001:db8::1", "10.9.9.9", "::ffff:10.9.9.9"):
        assert address(asked(peer, line), proxies) == "203.0.113.9", peer
    for peer, name in (("192.0.2.2", "192.0.2.2"), ("2001:db8::2", "2001:db8::/64"), ("11.0.0.1", "11.0.0.1")):
        assert address(asked(peer, line), proxies) == name


@pytest.mark.parametrize(
    "text", ["", "localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/8\n", "10.0.0.0 /8", "x" * 999]
)
def test_what_is_no_network_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"is no address or network of a proxy: .*127\.0\.0\.1, 10\.0\.0\.0/8"
    ) as raised:
        Proxies.parse(["127.0.0.1", text])
    assert len(str(raised.value)) < 250
    assert repr(text[:60])[:-1] in str(raised.value)


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0", "::ffff:0:0/96"])
def test_everybody_is_no_proxy(text: str) -> None:
    with pytest.raises(ValueError, match="holds every address"):
        Proxies.parse([text])


PIECES = [
    *(b"192.0.2.7", b"10.0.0.1", b"127.0.0.1", b"[2001:db8::1]:80", b"2001:db8:ffff::1", b"::", b"unknown"),
    *(b"for=", b"For=", b"by=x", b'"', b"\\", b",", b", ", b";", b"=", b":", b"[", b"]", b"%", b" ", b"\0", b"\xff"),
]
Lines = list[tuple[bytes, bytes]]
SPOKEN = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(PIECES),
        max_size=400,
    ).map(b"".join),
)
LINES = st.lists(st.tuples(st.sampled_from([b"x-forwarded-for", b"forwarded", b"host"]), SPOKEN), max_size=6)
PEERS = st.one_of(st.none(), st.text(max_size=60), st.ip_addresses().map(str))


@given(PEERS, LINES)
def test_no_header_makes_it_fail(peer: str | None, lines: Lines) -> None:
    for client in (None if peer is None else (peer, 1), ("127.0.0.1", 1)):
        found = address({"client": client, "headers": lines}, PROXIES)
        assert found == UNKNOWN or found == address(asked(found.removesuffix("/64")), NONE)


@given(st.ip_addresses(), LINES)
def test_whoever_is_no_proxy_cannot_choose_an_address(peer: IPv4Address | IPv6Address, lines: Lines) -> None:
    scope = {"client": (str(peer), 1), "headers": lines}
    alone = address(asked(str(peer)), NONE)
    assert address(scope, NONE) == alone
    assume(not any(peer in network for network in PROXIES.networks))
    assert address(scope, PROXIES) == alone


@given(st.ip_addresses(v=4), SPOKEN, st.sampled_from([b"x-forwarded-for", b"forwarded"]), st.booleans())
def test_behind_a_proxy_what_the_client_says_before_it_changes_nothing(
    peer: IPv4Address, said: bytes, name: bytes, apart: bool
) -> None:
    assume(not any(peer in network for network in PROXIES.networks))
    told = (b"for=" if name == b"forwarded" else b"") + str(peer).encode()
    lines = [(name, said), (name, told)] if apart else [(name, said + b", " + told)]
    assert address({"client": ("127.0.0.1", 1), "headers": lines}, PROXIES) == str(peer)


def test_without_proxies_it_takes_microseconds() -> None:
    scope = asked("2001:db8::7", ("Host", "example.org"), ("X-Forwarded-For", "192.0.2.7"))
    assert min(timeit.repeat(lambda: address(scope, NONE), number=1_000, repeat=20)) < 1_000 * 3e-6


def test_what_is_remembered_of_addresses_is_bounded() -> None:
    proxies = Proxies.parse(["127.0.0.1"])
    for number in range(5_000):
        address(asked(f"192.0.{number // 256}.{number % 256}"), proxies)
    assert proxies.hop.cache_info().currsize <= 4_096
