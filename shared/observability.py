"""Logs: one line an action, JSON for machines or a console form for people; every library's log goes the same way."""

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import Processor


def configure_logging(service: str, *, format: Literal["json", "console"], level: str) -> None:
    """Send every log of this process to standard output: time (UTC), level, service, event, and the fields of the call.

    Tracebacks are kept without the values of variables, which could be personal data.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(allow=[]),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("pymongo", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))
    for repeating in ("aiormq", "aio_pika"):  # we say the same, once
        logging.getLogger(repeating).setLevel(logging.CRITICAL)
    structlog.contextvars.bind_contextvars(service=service)
