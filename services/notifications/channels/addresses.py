"""Decide: to which addresses of the network an alert may be sent."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

#: One's own networks and this machine: private (RFC 1918, RFC 4193), shared (RFC 6598), loopback.
_OWN = tuple(
    ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "fc00::/7",
        "::1/128",
    )
)
#: Where clouds tell their machines secrets, at addresses that look like others (link-local ones are out anyway), and
#: special ones that Python 3.11 takes for public (RFC 6890, RFC 7526).
_NEVER = tuple(
    ip_network(network)
    for network in ("168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::254/128", "192.0.0.0/24", "192.88.99.0/24")
)
#: All that is assigned to be reached across the internet (RFC 4291, section 2.4).
_GLOBAL_UNICAST = ip_network("2000::/3")
#: IPv4 addresses as seen through a translator (RFC 6052).
_TRANSLATED = ip_network("64:ff9b::/96")


def may_be_reached(address: str, *, allow_private: bool) -> bool:
    """Return whether an alert may be sent to an address, as a look-up gives it.

    One in the internet may; one of an own network where that is allowed; never link-local, multicast, unspecified or
    reserved ones, nor those at which a cloud tells secrets. What stands for an IPv4 address is judged as that one.
    """
    try:
        known = _meant(ip_address(address))
    except ValueError:
        return False
    if known.is_multicast or any(known in network for network in _NEVER):
        return False
    return _is_public(known) or (allow_private and any(known in network for network in _OWN))


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for: mapped, translated, or 6to4 (RFC 3056)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or address


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and (isinstance(address, IPv4Address) or address in _GLOBAL_UNICAST)
