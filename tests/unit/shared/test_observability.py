"""What a log line shows, and what never reaches it."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared.observability import configure_logging


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_has_time_level_service_and_the_fields_of_the_call(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("registry", format="json", level="INFO")

    structlog.get_logger().info("answered", action="answer", milliseconds=1.5)

    (line,) = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "answered",
        "level": "info",
        "service": "registry",
        "action": "answer",
        "milliseconds": 1.5,
    }


def test_telephone_numbers_and_addresses_are_masked_in_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("registry", format="json", level="INFO")

    structlog.get_logger().info("told hungvan@example.vn", reason="call 024 3383 0000", many=["0912345678"])
    logging.getLogger("a library").warning("no route to %s", "hungvan@example.vn")

    shown = json.dumps(lines(capsys))
    assert "hungvan" not in shown
    assert "3383" not in shown
    assert "0912345678" not in shown
    assert shown.count("[e-mail]") == 2


def test_an_error_is_told_without_its_words_in_a_library_s_log_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("registry", format="json", level="INFO")
    name = "Nguyễn Thị Hoa"

    try:
        int(name)
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("asyncio").exception("Task exception was never retrieved")

    ours, theirs = lines(capsys)
    for line in (ours, theirs):
        assert line["error"] == "ValueError"
        assert "test_observability" in line["traceback"]
        assert name not in json.dumps(line, ensure_ascii=False)


def test_a_driver_never_logs_documents_whatever_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("registry", format="json", level="DEBUG")

    logging.getLogger("pymongo.command").debug("insert", extra={"document": "Nguyễn Thị Hoa"})

    assert lines(capsys) == []
