"""Where a webhook may lead: to the public internet, and to the networks that the operator allows.

Whoever administers a unit names addresses that the server then calls from inside the office's network. So each one is
looked at after its name was resolved, and the connection goes to the very address that was looked at: a name that
means something else a moment later is of no use.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 2000
# Not public, though not every Python says so: where virtual machines of Azure and Oracle ask for their keys, and what
# sites used to call their own (RFC 3879).
_INSIDE = tuple(map(ip_network, ("168.63.129.16", "192.0.0.0/24", "fec0::/10")))
# IPv4 as translators write it in IPv6 (RFC 6052): the last 32 bits are the address that is meant.
_TRANSLATED = IPv6Network("64:ff9b::/96")


class AddressRefused(Exception):
    """A webhook must not lead there; says why."""


def networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a list with commas; raises ValueError for what is none."""
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


def checked_url(url: str, allowed: Sequence[Network]) -> SplitResult:
    """Return the parts of an address that a webhook may have, as far as can be told without resolving its name.

    Raises:
        AddressRefused: it is no address of a web server, holds a password, or names a place that is not allowed.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise AddressRefused("This is no address of a web server.") from None
    if len(url) > LONGEST_URL or not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        raise AddressRefused(f"An address has at most {LONGEST_URL} characters of ASCII, and no spaces.")
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise AddressRefused("Write an address that begins with https:// and names a server.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("An address holds no user name, no password and no fragment.")
    if parts.scheme == "http" and not allowed:
        raise AddressRefused("Only https:// goes over the internet.")
    literal = _literal(host)
    if literal is not None:
        _ensure_may_be(literal, parts.scheme, allowed)
    return parts


def resolve(parts: SplitResult, allowed: Sequence[Network]) -> tuple[str, int]:
    """Return the address and the port to connect to, of a name that leads to none but allowed addresses.

    Raises:
        AddressRefused: one of the addresses is not allowed.
        OSError: the name cannot be resolved.
    """
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    for address in addresses:
        _ensure_may_be(address, parts.scheme, allowed)
    return str(addresses[0]), port


def _ensure_may_be(address: Address, scheme: str, allowed: Sequence[Network]) -> None:
    meant = _meant(address)
    if any(one in network for network in allowed for one in (address, meant) if one.version == network.version):
        return
    if not is_public(meant) or not is_public(address):
        raise AddressRefused(
            f"{address} is no public address. The operator can allow networks inside with ALUR_WEBHOOK_ALLOW."
        )
    if scheme == "http":
        raise AddressRefused("Only https:// goes over the internet.")


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, and of one host."""
    meant = _meant(address)
    return (
        meant.is_global
        and not (meant.is_multicast or meant.is_reserved or meant.is_link_local or meant.is_unspecified)
        and not any(meant in network for network in _INSIDE)
    )


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address carries to whoever translates it, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        # Its server, and behind it a client in somebody's network: neither is asked.
        return IPv4Address(0)
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None
