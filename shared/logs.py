"""Logs: one line an action, JSON for machines or a console form for people; every library's log goes the same way."""

import json
import logging
import sys
import traceback
from contextlib import suppress
from enum import Enum
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.masking import mask_text


class Action(Enum):
    """What a line is about: its stable name, its level, and the word for people."""

    ANSWER = ("answer", "info", "answered")
    DELAY = ("delay", "warning", "delayed")
    DEAD_LETTER = ("dead-letter", "error", "dead-lettered")
    FAIL = ("fail", "error", "failed")
    HOLD = ("hold", "warning", "held")
    PAUSE = ("pause", "warning", "paused")
    WAIT = ("wait", "warning", "waiting")
    RESUME = ("resume", "info", "resumed")
    RECONNECT = ("reconnect", "info", "reconnected")
    START = ("start", "info", "ready")
    STOP = ("stop", "info", "stopping")
    RELOAD = ("reload", "info", "scopes-read-again")
    RELOAD_FAIL = ("reload-fail", "error", "scopes-not-read-again")
    REFUSE = ("refuse", "warning", "out-of-scope")
    MIGRATE = ("migrate", "info", "migrating")
    REBUILD = ("rebuild", "info", "rebuilding")
    BEHIND = ("behind", "warning", "behind-the-records")
    FALL_DUE = ("fall-due", "info", "fell-due")
    ALERT = ("alert", "info", "alert-logged")
    RENEW_FAIL = ("renew-fail", "error", "tokens-not-renewed")
    CRASH = ("crash", "critical", "crashed")

    def __init__(self, action: str, level: str, words: str) -> None:
        self.action = action
        self.level = level
        self.words = words


_logger = structlog.get_logger()


def log(action: Action, words: str | None = None, /, **fields: Any) -> None:
    """Write a line about an action, at the action's level. Every line of ours is written here."""
    getattr(_logger, action.level)(words or action.words, action=action.action, **fields)


#: Libraries whose everyday news nobody needs. At DEBUG, PyMongo would log documents, which hold personal data.
_CHATTY = ("pymongo", "urllib3", "uvicorn")
#: Libraries that bring handlers of their own.
_OWN_WAY = ("faststream", "uvicorn")
#: Fields that nobody but this code fills: to look for personal data in them took longer than all else of a line.
_OURS = frozenset({"timestamp", "level", "service", "action", "outcome", "queue", "event_type", "logger"})


def configure_logging(
    service: str, *, format: Literal["json", "console"], level: str, stream: TextIO | None = None
) -> None:
    """Send every log of this process to a stream: time (UTC), level, service, event, and the fields of the call.

    The stream is standard output, unless another is given.

    Personal data is masked where its form shows it, and an error is logged as its kind and the place where it
    was raised, without its own words, which may repeat a value of the message.
    """

    def with_service(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        line["service"] = service  # not bound to the context: libraries log from threads of their own too
        return line

    begun: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        with_service,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_the_errors_words,
    ]
    rendered: list[Processor] = [masked, *_RENDERERS[format]()]
    stream = stream or sys.stdout
    output = _Output(stream)
    structlog.configure(
        processors=[*begun, *rendered],  # without the standard library's logging, which took twice the time
        logger_factory=lambda *_: output,
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )
    _take_in_libraries(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(allow=[]), *begun],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered],
        ),
        level,
        stream,
    )


def _take_in_libraries(formatter: logging.Formatter, level: str, stream: TextIO) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    for own_way in _OWN_WAY:
        logging.getLogger(own_way).handlers, logging.getLogger(own_way).propagate = [], True
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    for repeating in ("aiormq", "aio_pika"):  # we say the same, once
        logging.getLogger(repeating).setLevel(logging.CRITICAL)


class _Output:
    """Where lines go. One that cannot be written is lost: no message is to fail for it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):  # the reader has gone, the disk is full, no letter of this encoding
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = exception = msg


def _json() -> list[Processor]:
    encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
    return [lambda _, __, line: encode(line)]


def _console() -> list[Processor]:
    return [_with_the_stack_below, structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())]


_RENDERERS = {"json": _json, "console": _console}


def _with_the_stack_below(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    if "traceback" in line:
        line["exception"] = line.pop("traceback").rstrip()
    return line


def masked(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Mask what looks like an address or a telephone number in every field of a line."""
    return {name: value if name in _OURS else _masked(value) for name, value in line.items()}


def without_the_errors_words(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Put an error's kind and the place where it was raised in the place of the error."""
    raised = line.pop("exc_info", None)
    error = sys.exception() if raised is True else raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        line["traceback"] = "".join(traceback.format_tb(error.__traceback__))
    return line


def _masked(value: object) -> object:
    match value:
        case str():
            return mask_text(value)
        case None | bool() | int() | float():
            return value
        case _:  # what a library passes: shown as its text would be
            return mask_text(str(value))
