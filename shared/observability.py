"""Logs: one line an action, JSON for machines or a console form for people; every library's log goes the same way."""

import logging
import sys
import traceback
from typing import Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from shared.masking import mask_text

#: Libraries whose everyday news nobody needs. At DEBUG, PyMongo would log documents, which hold personal data.
_CHATTY = ("pymongo", "urllib3", "uvicorn")
#: Libraries that bring handlers of their own.
_OWN_WAY = ("faststream", "uvicorn")


def configure_logging(service: str, *, format: Literal["json", "console"], level: str) -> None:
    """Send every log of this process to standard output: time (UTC), level, service, event, and the fields of the call.

    Personal data is masked where it can be told by its looks, and an error is told by its kind and the place where it
    was raised, without its own words, which may repeat a value of the message.
    """

    def with_service(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
        line["service"] = service  # not bound to the context: libraries log from threads of their own too
        return line

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        with_service,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(allow=[]),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_the_errors_words,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, masked, renderer],
        )
    )
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


def masked(_: WrappedLogger, __: str, line: EventDict) -> EventDict:
    """Mask what looks like an address or a telephone number in every field of a line."""
    return {name: _masked(value) for name, value in line.items()}


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
