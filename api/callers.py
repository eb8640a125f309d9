"""A connection and its headers become the client's address, as limits and logs know it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from msgspec import Struct

UNKNOWN = "unknown"
_ENTRIES = 50  # hops that are looked at
_LONGEST = 2_048  # bytes of a header that are looked at
_NODE = re.compile(
    r"\[([0-9A-Fa-f:.]{2,45})\](?::[0-9]{1,5})?|([0-9.]{7,15})(?::[0-9]{1,5})?|([0-9A-Fa-f:.]{2,45})"
)  # [IPv6]:port, IPv4:port, IPv6


class Hop(Struct, frozen=True):
    """An address on the way here: its canonical text (of IPv6 the /64 that one client has), and if it is a proxy's."""

    name: str
    trusted: bool


class Proxies:
    """The proxies whose word about the client's address is taken."""

    def __init__(self, networks: tuple[IPv4Network | IPv6Network, ...] = ()) -> None:
        self.networks = networks
        self.hop = lru_cache(maxsize=4_096)(self._hop)

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Proxies:
        """Proxies of addresses and networks like 127.0.0.1 and 10.0.0.0/8; ValueError says which is wrong."""
        return cls(tuple(_network(text) for text in texts))

    def _hop(self, text: str) -> Hop | None:
        """What an address in plain text is; None where it is no address."""
        try:
            address = ip_address(text)
        except ValueError:
            return None
        if isinstance(address, IPv6Address):
            address = address.ipv4_mapped or address
        trusted = any(address in network for network in self.networks)
        name = str(IPv6Network((int(address) >> 64 << 64, 64)) if isinstance(address, IPv6Address) else address)
        return Hop(name, trusted)


def address(scope: Mapping[str, Any], proxies: Proxies) -> str:
    """The client's address: the peer's, or where that is a proxy's, the last one before the proxies.

    Proxies tell it in X-Forwarded-For or, where that is absent, in Forwarded (RFC 7239); a proxy that writes the latter
    must not pass on the former. What cannot be read ends the walk: the last proxy reached then counts as the client.
    A connection without an address, as by a unix socket, is ``unknown``.
    """
    client = scope.get("client")
    hop = proxies.hop(client[0]) if client else None
    if hop is None:
        return UNKNOWN
    if hop.trusted:
        for text in _forwarded(scope):
            node = _NODE.fullmatch(text)
            before = proxies.hop(node[node.lastindex or 0]) if node else None
            if before is None:
                break
            hop = before
            if not hop.trusted:
                break
    return hop.name


def _forwarded(scope: Mapping[str, Any]) -> Iterator[str]:
    """What the proxies said who asked them, the nearest first."""
    headers = scope["headers"]
    if lines := [value for name, value in headers if name == b"x-forwarded-for"]:
        yield from _last(lines)
    else:
        for element in _last([value for name, value in headers if name == b"forwarded"]):
            yield _for(element)


def _last(lines: list[bytes]) -> Iterator[str]:
    """The entries of a header from the right, as far as they are looked at.

    A comma parts entries even within quotes: no address has one, and an open quote sent by a client must not swallow
    what a proxy put after it.
    """
    joined = b",".join(lines)
    entries = joined[-_LONGEST:].decode("latin-1").split(",")
    if len(joined) > _LONGEST:
        del entries[0]  # it may be cut, and half an address can look like one
    for entry in entries[: -_ENTRIES - 1 : -1]:
        yield entry.strip(" \t")


def _for(element: str) -> str:
    """Who asked, in one element of Forwarded; empty where that is not said once and plainly."""
    pairs = [pair.strip(" \t").partition("=") for pair in element.split(";")]
    found = [value for name, _, value in pairs if name.lower() == "for"]
    if len(found) != 1:
        return ""
    value = found[0]
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text)
    except ValueError:
        shown = repr(text if len(text) <= 60 else text[:60] + "…")
        raise ValueError(
            f"{shown} is no address or network of a proxy: allowed are those like 127.0.0.1, 10.0.0.0/8"
            " or 2001:db8::/32, with no bit set after the prefix"
        ) from None
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is not None and network.prefixlen >= 96:
        network = IPv4Network((mapped, network.prefixlen - 96))
    if network.prefixlen == 0:
        raise ValueError(f"{text!r} holds every address: whoever asks could choose an own address")
    return network
