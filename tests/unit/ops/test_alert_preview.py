"""An alert that nobody gets: of an example, of a file, and of an event with what is personal in it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.alerts.composing import event_in_file, example_of, masked, preview_of
from ops.cli import app
from ops.operator_settings import AccessError
from services.notifications.told import ALERTED, FOR_OFFICES, KINDS
from shared.contracts.catalogue import ROUND_MOVED
from shared.contracts.event import Event
from shared.contracts.rounds import Stage
from shared.contracts.writing import structured
from tests.unit.notifications.lives import returned_by_commune

RETURNED = returned_by_commune("vi")
REASON = "Bà Hoa, điện thoại 0912 345 678, chưa ký hợp đồng."
EVENT = Event(
    "e-1",
    "/ocop/registry",
    ROUND_MOVED.type,
    RETURNED.model_dump(mode="json") | {"reasons": [REASON], "product_name": "Chè của cô 0912345678"},
)


@pytest.mark.parametrize("kind", sorted(each.name for each in (*ALERTED, *FOR_OFFICES)))
def test_every_kind_has_an_example_that_somebody_is_told(kind: str) -> None:
    preview = preview_of(example_of(kind), None, "vi")

    assert kind in KINDS
    assert [form for form in ("subject", "short", "text", "html") if not preview.shown(form)] == []


def test_it_is_in_the_words_of_its_reader_and_language() -> None:
    event = example_of("certificate.expired")

    producer, office = preview_of(event, "producer", "vi"), preview_of(event, "office", "en")

    assert (producer.alert.readers, office.alert.readers) == ("producer", "office")
    assert producer.shown("text") != office.shown("text")


def test_who_is_not_told_has_no_preview() -> None:
    with pytest.raises(AccessError, match="of this event are told: office"):
        preview_of(example_of("deadline.due"), "producer", "vi")
    filed = replace(EVENT, type="vn.ocop.dossier.filed.v1")
    with pytest.raises(AccessError, match=r"nobody is alerted to dossier\.filed"):
        preview_of(filed, None, "vi")


def test_of_an_event_nothing_personal_is_shown_unless_it_is_to_be_revealed() -> None:
    assert RETURNED.to_stage is Stage.RETURNED

    hidden = preview_of(masked(EVENT), None, "vi").shown("text").decode()
    revealed = preview_of(EVENT, None, "vi").shown("text").decode()

    assert [each for each in ("Bà Hoa", "0912") if each in hidden] == []
    assert "[phone]" in hidden
    assert [each for each in ("Bà Hoa", "0912345678") if each not in revealed] == []


def test_that_it_is_revealed_is_logged_with_the_operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_OPERATOR_AMQP_URL", "amqp://operator:secret@127.0.0.1:1/ocop")
    monkeypatch.setenv("OCOP_DISCARD_LOG", str(tmp_path / "kept.jsonl"))
    (tmp_path / "event.json").write_bytes(structured(EVENT))

    shown = CliRunner().invoke(app, ["alerts", "preview", str(tmp_path / "event.json"), "--reveal"])

    assert shown.exit_code == 0, shown.output
    assert "Bà Hoa" in shown.stdout
    (line,) = map(json.loads, (tmp_path / "kept.jsonl").read_text("utf-8").splitlines())
    assert (line["action"], line["operator"], line["event_id"]) == ("reveal", "operator", "e-1")


def test_the_document_that_goes_with_it_is_written_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "sheet.pdf"

    shown = CliRunner().invoke(app, ["alert", "preview", "product.rated", "--form", "pdf", "--out", str(file)])

    assert shown.exit_code == 0, shown.output
    assert file.read_bytes().startswith(b"%PDF-")
    with pytest.raises(AccessError, match="no document goes with this alert"):
        preview_of(EVENT, None, "vi").shown("pdf")


@pytest.mark.parametrize("written", [b"no JSON", b"[]", b"{}", b'{"headers": {}, "body": {}}'])
def test_a_file_that_is_no_event_is_named(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "event.json").write_bytes(written)

    with pytest.raises(AccessError, match=r"event\.json (cannot be read|is no event)"):
        event_in_file(tmp_path / "event.json")
