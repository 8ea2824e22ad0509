"""To which addresses an alert may be sent."""

import pytest

from services.notifications.channels.addresses import may_be_reached

PUBLIC = ["113.160.92.202", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::1.1.1.1", "::ffff:1.1.1.1", "2002:101:101::1"]
OWN = [
    *("10.0.0.1", "172.16.5.4", "172.31.255.255", "192.168.1.1", "100.64.0.1", "127.0.0.1", "127.8.9.10"),
    *("::1", "fd12:3456::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::1"),
]
NEVER = [
    *("169.254.169.254", "169.254.1.1", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::"),
    *("168.63.129.16", "100.100.100.200", "fd00:ec2::254", "192.0.0.192", "0.0.0.0", "0.1.2.3", "::"),
    *("224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1"),
    *("fe80::1", "fe80::1%eth0", "fec0::1", "::1.2.3.4", "::ffff:0:1.2.3.4", "64:ff9b:1::a00:1", "2001:db8::1"),
    *("2001:0:102:304::1", "100::1", "4000::1", "receiver.example.vn", ""),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_in_the_internet_may_be_reached(address: str) -> None:
    assert may_be_reached(address, allow_private=False)


@pytest.mark.parametrize("address", OWN)
def test_an_address_of_an_own_network_may_be_reached_where_that_is_allowed(address: str) -> None:
    assert not may_be_reached(address, allow_private=False)
    assert may_be_reached(address, allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_no_other_address_may_be_reached(address: str) -> None:
    assert not may_be_reached(address, allow_private=True)
