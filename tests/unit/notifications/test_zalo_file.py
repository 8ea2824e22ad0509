"""The file that says as what Zalo is asked."""

from pathlib import Path

import pytest

from services.notifications.channels.zalo_file import load_zalo
from shared.errors import SettingsError

ZALO = """
app_id: "3608465248940903967"
secret_file: secrets/zalo
refresh_token_file: secrets/zalo-refresh-token
templates:
  product.rated:
    id: "312345"
    parameters: {ten: {field: product_name, max: 100}, sao: stars}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "zalo").write_text("geheim\n")
    (tmp_path / "secrets" / "zalo-refresh-token").write_text("refresh\n")
    (tmp_path / "zalo.yaml").write_text(ZALO)
    return tmp_path / "zalo.yaml"


def test_zalo_is_asked_at_its_own_addresses_unless_others_are_given(file: Path) -> None:
    app = load_zalo(file)

    assert app.sending({}, "access").url == "https://business.openapi.zalo.me/message/template"
    assert app.renewing("refresh").url == "https://oauth.zaloapp.com/v4/oa/access_token"
    assert app.authorised.get_secret_value() == "refresh"


@pytest.mark.parametrize(
    ("written", "instead", "fault"),
    [
        ("product.rated", "product.eaten", ": templates.product.eaten: there is no such alert; known: "),
        (
            "sao: stars",
            "han: last_day",
            ": templates.product.rated.parameters.han: last_day is no field of it; ",
        ),
        ("max: 100", "max: 1", ": templates.product.rated.parameters.ten.max: "),
        ('id: "312345"', "id: 312345", ": templates.product.rated.id: "),
        ("secrets/zalo\n", "secrets/none\n", ": secret_file: "),
        ("app_id:", "api_url: http://zalo.example.vn\napp_id:", ": api_url: must be https://"),
        ("app_id:", "api_url: https://zalo.example.vn/v1\napp_id:", r": api_url: must be https://host\[:port\]"),
        ("app_id:", "app: 1\napp_id:", ": app: "),
    ],
)
def test_a_fault_is_said_with_its_place(file: Path, written: str, instead: str, fault: str) -> None:
    file.write_text(ZALO.replace(written, instead))

    with pytest.raises(SettingsError, match=f"^{file}{fault}"):
        load_zalo(file)


def test_a_secret_has_one_line(file: Path) -> None:
    (file.parent / "secrets" / "zalo").write_text("geheim\nnoch eins\n")

    with pytest.raises(SettingsError, match=r"secrets/zalo: more than one line$"):
        load_zalo(file)
