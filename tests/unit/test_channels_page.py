"""What docs/channels.md shows of configuration is what is read."""

import re
from base64 import b64encode
from pathlib import Path

import pytest
from pydantic import BaseModel

from services.notifications.channels.sms_gateway import Gateway, load_gateway
from services.notifications.channels.subscriptions import load_subscriptions
from services.notifications.channels.zalo_fields import FIELDS
from services.notifications.channels.zalo_file import ZaloFile, load_zalo
from services.notifications.office_file import load_offices
from services.notifications.settings import WEBHOOKS_FILE
from shared.scopes import Place, Role

PAGE = (Path(__file__).parents[2] / "docs" / "channels.md").read_text("utf-8")
OFFICES, WEBHOOKS, ZALO, SMS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    for name in ("trade-site", "sms-token", "zalo-secret", "zalo-refresh-token"):
        (tmp_path / "secrets" / name).write_text(f"whsec_{b64encode(bytes(32)).decode()}\n")
    return tmp_path


def test_the_subscription_can_be_used_and_is_that_of_the_published_file(folder: Path) -> None:
    file = folder / "webhooks.yaml"
    file.write_text(WEBHOOKS, "utf-8")

    assert [each.name for each in load_subscriptions(file)] == ["trade-site"]
    assert WEBHOOKS in WEBHOOKS_FILE.read_text("utf-8").replace("# ", "").replace("#\n", "\n")


def test_the_offices_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "offices.yaml").write_text(OFFICES, "utf-8")

    offices = load_offices(tmp_path / "offices.yaml")

    assert list(offices.of(Role.COMMUNE, [Place("19", "05500")])) == ["xa-tan-cuong"]
    assert list(offices.of(Role.PROVINCE, [Place("19", "05500")])) == ["so-nong-nghiep-thai-nguyen"]


def test_the_gateway_can_be_used(folder: Path) -> None:
    file = folder / "sms.yaml"
    file.write_text(SMS, "utf-8")

    assert load_gateway(file)[0].host == "sms.example.vn"


def test_the_templates_can_be_used(folder: Path) -> None:
    file = folder / "zalo.yaml"
    file.write_text(ZALO, "utf-8")

    assert "digest" in load_zalo(file).file.templates


def test_every_field_of_a_template_is_explained_and_no_other() -> None:
    table = PAGE.split("| field | of |")[1].split("\n\n")[0]
    names = [name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]

    assert sorted(names) == sorted(FIELDS)


@pytest.mark.parametrize(("heading", "model"), [("## zalo", ZaloFile), ("## sms", Gateway)])
def test_every_setting_is_explained_with_its_default_and_no_other(heading: str, model: type[BaseModel]) -> None:
    section = PAGE.split(heading)[1].split("\n## ")[0].split("| field | of |")[0]
    explained = dict(re.findall(r"^\| `([a-z_]+)` \| (?:`([^`]+)`|\d*) ?\|", section, re.MULTILINE))
    defaults = {
        name: {False: "false", ("VN",): "[VN]"}.get(field.default, field.default)
        for name, field in model.model_fields.items()
    }

    assert explained.keys() == defaults.keys()
    assert [name for name, said in explained.items() if said and said != defaults[name]] == []
