"""Which channels are set up, by what the settings and their files say."""

from base64 import b64encode
from pathlib import Path

import pytest

from services.notifications.alerts import Alerts
from services.notifications.channels.rate import RateLimited
from services.notifications.channels.setup import channels_of
from services.notifications.settings import NotificationsSettings
from shared.errors import SettingsError
from tests.unit.contact_keys import PRIVATE_KEYS
from tests.unit.handling import Bench

WEBHOOKS = "site: {url: https://site.example.vn/, secret_file: secret, scope: centre}"
SMS = "url: https://sms.example.vn/\nfields: {to: '{to}', text: '{text}', key: '{secret:key}'}\nsecrets: {key: secret}"
ZALO = """
app_id: "3608465248940903967"
secret_file: secret
refresh_token_file: secret
templates: {product.rated: {id: "312345", parameters: {ten: product_name}}}
"""


def settings(folder: Path, **files: str) -> NotificationsSettings:
    (folder / "secret").write_text(f"whsec_{b64encode(bytes(32)).decode()}")
    for name, content in files.items():
        (folder / name).write_text(content)
    named: dict[str, object] = {name: folder / name for name in files}
    needed = {"amqp_url": "amqp://rabbitmq/", "mongo_url": "mongodb://mongo/", "contact_private_keys": PRIVATE_KEYS}
    return NotificationsSettings.model_validate(needed | named)


def records() -> Alerts:
    bench = Bench()
    return Alerts(bench.database, clock=lambda: bench.now)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({}, set()),
        ({"webhooks_file": WEBHOOKS}, {"webhook"}),
        ({"webhooks_file": "", "sms_file": SMS}, {"sms"}),
        ({"zalo_file": ZALO}, {"zalo"}),
    ],
)
def test_a_channel_is_there_where_its_file_says_whom_it_reaches(
    tmp_path: Path, files: dict[str, str], names: set[str]
) -> None:
    assert channels_of(settings(tmp_path, **files), records()).keys() == names


@pytest.mark.parametrize("name", ["webhooks_file", "zalo_file", "sms_file"])
def test_a_file_that_cannot_be_used_stops_the_start(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{tmp_path / name}:2:1: "):
        channels_of(settings(tmp_path, **{name: "{"}), records())


def test_a_channel_is_limited_to_its_rate(tmp_path: Path) -> None:
    limited = settings(tmp_path, zalo_file=ZALO).model_copy(update={"channel_rates": "zalo=500/min"})

    assert isinstance(channels_of(limited, records())["zalo"], RateLimited)


@pytest.mark.parametrize(
    "written", ["email", "email=10", "email=0/s", "email=1.5/s", "fax=1/s", "log=1/s", "sms=1/s,sms=2/s", "sms=10/day"]
)
def test_a_rate_that_cannot_be_read_stops_the_start(tmp_path: Path, written: str) -> None:
    known = settings(tmp_path).model_dump()

    with pytest.raises(ValueError, match=r"must be as email=10/s,sms=60/min,zalo=6000/h; channels: email, webhook"):
        NotificationsSettings.model_validate(known | {"channel_rates": written})
