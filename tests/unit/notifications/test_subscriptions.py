"""Who gets events by webhook: what the file says, and what is wrong with it."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from services.notifications.channels.subscriptions import load_subscriptions, subscriptions_for
from services.notifications.settings import WEBHOOKS_FILE
from shared.contracts.catalogue import CERTIFICATE_REVOKED, DOSSIER_REJECTED, PRODUCT_RATED, EventType
from shared.contracts.event import Event
from shared.errors import SettingsError

SECRET = f"whsec_{b64encode(bytes(32)).decode()}"
WRITTEN = """
site: {url: https://site.example.vn/ocop, secret_file: secret, scope: {portal: everywhere}}
shop: {url: https://shop.example.vn, secret_file: secret, scope: {portal: ["19"]}, listens_to: [certificate.revoked]}
commune: {url: "https://10.0.0.7:8443/", secret_file: secret, scope: {commune: ["19-05500"]}, allow_private: true}
province: {url: https://province.example.vn, secret_file: secret, scope: {province: "19"}}
centre: {url: https://centre.example.vn, secret_file: secret, scope: centre}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text(f"{SECRET}\n\n")
    return tmp_path / "webhooks.yaml"


def event(kind: EventType[Any], place: str | None) -> Event:
    return Event("7a263332", "/services/evaluation", kind.type, {}, place=place)


def test_nobody_is_subscribed_as_published() -> None:
    assert load_subscriptions(WEBHOOKS_FILE) == ()


@pytest.mark.parametrize(
    ("kind", "place", "names"),
    [
        (PRODUCT_RATED, "19-05500", ["site", "commune", "province", "centre"]),
        (PRODUCT_RATED, "19-05501", ["site", "province", "centre"]),
        (PRODUCT_RATED, "01-09574", ["site", "centre"]),
        (CERTIFICATE_REVOKED, "19-05500", ["site", "shop", "commune", "province", "centre"]),
        (CERTIFICATE_REVOKED, "01-09574", ["site", "centre"]),
        (DOSSIER_REJECTED, "19-05500", ["commune", "province", "centre"]),
        (DOSSIER_REJECTED, "19", ["province", "centre"]),
        (DOSSIER_REJECTED, None, ["centre"]),
    ],
)
def test_an_event_goes_to_whom_its_place_and_kind_concern(
    file: Path, kind: EventType[Any], place: str | None, names: list[str]
) -> None:
    file.write_text(WRITTEN, "utf-8")
    found = subscriptions_for(event(kind, place), load_subscriptions(file))
    assert [each.name for each in found] == names


def test_a_subscription_is_read_whole(file: Path) -> None:
    file.write_text(WRITTEN, "utf-8")
    commune = load_subscriptions(file)[2]
    assert (commune.url, commune.allow_private) == ("https://10.0.0.7:8443/", True)
    assert [secret.get_secret_value() for secret in commune.secrets] == [SECRET]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("url: http://a.vn/", "site.url: must be https://host[:port]/…"),
        ("url: 'https://a.vn:geheim/'", "site.url: must be https://host[:port]/…"),
        ("url: 'https://user:geheim@a.vn/'", "site.url: no user, password or fragment may stand in it"),
        ("url: 'https://a.vn/#geheim'", "site.url: no user, password or fragment may stand in it"),
        ("url: 'https://thái.vn/'", "site.url: must be https://host[:port]/…, in ASCII"),
        ("url: 'https://a.vn/a b'", "site.url: must be https://host[:port]/…, in ASCII"),
        ("scope: {portal: [1]}", "site.scope: 1 is not the code of a province"),
        ("listens_to: [filing.rejected]", "site.listens_to: nobody is alerted to filing.rejected; known: alert.failed"),
        ("secret: geheim", "site.secret: Extra inputs are not permitted"),
        ("secret_file: missing", "site.secret_file: {folder}/missing: No such file or directory"),
        ("secret_file: empty", "site.secret_file: {folder}/empty: it is empty"),
        ("secret_file: short", "site.secret_file: {folder}/short: must be one or two lines whsec_…"),
        ("secret_file: bare", "site.secret_file: {folder}/bare: must be one or two lines whsec_…"),
        ("secret_file: three", "site.secret_file: {folder}/three: must be one or two lines whsec_…"),
        ("secret_file: vietnamese", "site.secret_file: {folder}/vietnamese: only ASCII may stand in it"),
    ],
)
def test_what_cannot_be_used_is_said_in_a_line_and_not_repeated(file: Path, line: str, says: str) -> None:
    contents = {
        "empty": "\n",
        "short": "whsec_Z2VoZWlt",
        "bare": "geheim" * 8,
        "three": f"{SECRET}\n" * 3,
        "vietnamese": "whsec_chè",
    }
    for name, content in contents.items():
        (file.parent / name).write_text(content, "utf-8")
    usual = {"url": "https://a.vn", "secret_file": "secret", "scope": "{portal: everywhere}"}
    changed = dict([line.split(": ", 1)])
    file.write_text(f"site: {{{', '.join(f'{k}: {v}' for k, v in (usual | changed).items())}}}", "utf-8")

    with pytest.raises(SettingsError) as refused:
        load_subscriptions(file)

    assert str(refused.value).startswith(f"{file}: {says.format(folder=file.parent)}")
    assert "\n" not in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_no_secret_and_no_url_is_shown(file: Path) -> None:
    file.write_text(WRITTEN.replace("/ocop", "/ocop?token=geheim"), "utf-8")
    shown = repr(load_subscriptions(file))
    assert "geheim" not in shown
    assert SECRET not in shown
