"""What a log line shows, and what never reaches it."""

import importlib
import json
import logging
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import structlog

from shared.logs import configure_logging

pytestmark = pytest.mark.usefixtures("logging_as_it_was")


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

    structlog.get_logger().info("mail to hungvan@example.vn", reason="call 024 3383 0000", many=["0912345678"])
    logging.getLogger("a library").warning("no route to %s", "hungvan@example.vn")

    shown = json.dumps(lines(capsys))
    assert "hungvan" not in shown
    assert "024 3383 0000" not in shown
    assert "3383 0000" not in shown
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
        assert "test_logs" in line["traceback"]
        assert name not in json.dumps(line, ensure_ascii=False)


def test_a_driver_never_logs_documents_whatever_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("registry", format="json", level="DEBUG")

    logging.getLogger("pymongo.command").debug("insert", extra={"document": "Nguyễn Thị Hoa"})

    assert lines(capsys) == []


@pytest.mark.parametrize("library", ["uvicorn.error", "faststream", "aiormq.connection", "pymongo.client", "asyncio"])
def test_a_library_s_line_looks_like_ours_and_names_it(library: str, capsys: pytest.CaptureFixture[str]) -> None:
    importlib.import_module(library.partition(".")[0])  # some bring handlers of their own
    configure_logging("registry", format="json", level="INFO")

    logging.getLogger(library).critical("lost %s", "something")

    (line,) = lines(capsys)
    line.pop("timestamp")
    assert line == {"event": "lost something", "level": "critical", "service": "registry", "logger": library}


def test_a_library_s_line_from_a_thread_names_the_service_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("registry", format="json", level="INFO")

    thread = threading.Thread(target=logging.getLogger("a library").warning, args=("lost",))
    thread.start()
    thread.join()

    assert [line["service"] for line in lines(capsys)] == ["registry"]


def test_people_read_an_error_s_stack_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("registry", format="console", level="INFO")

    try:
        int("x")
    except ValueError:
        structlog.get_logger().exception("failed", action="fail")

    first, *stack = capsys.readouterr().out.splitlines()
    assert "failed" in first
    assert "action=fail" in first
    assert any("test_logs" in line for line in stack)


def test_a_line_that_cannot_be_written_breaks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    went_on = False
    with suppress(OSError), Path("/dev/full").open("w", encoding="ascii") as full:  # closing it fails too
        monkeypatch.setattr(sys, "stdout", full)
        configure_logging("registry", format="json", level="INFO")

        structlog.get_logger().info("answered", action="answer")
        structlog.get_logger().info("bánh tẻ", action="answer")
        went_on = True

    assert went_on
