"""What is wrong with a command line, in the language that is spoken: Typer and pydantic say it in English alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from typer import TyperException

from ops.language import gettext as _
from ops.language import marked

#: What they say, the longer before what it begins with; the values in it are said in the same way.
FAULTS = (
    marked("{fault} (Possible options: {options})"),
    marked("No such option: {option}"),
    marked("No such command {name}."),
    marked("Missing command."),
    marked("Missing argument {name}."),
    marked("Missing option {name}."),
    marked("Option {name} requires an argument."),
    marked("Option {name} does not take a value."),
    marked("Got unexpected extra argument(s) ({arguments})"),
    marked("Invalid value for {name}: {fault}"),
    marked("Value error, {fault}"),
    marked("{value} is not one of {choices}."),
    marked("Input should be less than or equal to {number}"),
    marked("Input should be greater than or equal to {number}"),
    marked("Input should be a valid integer, unable to parse string as an integer"),
    marked("Input should be a valid UUID, {detail}"),
)


@contextmanager
def wrong_usage_is_spoken() -> Iterator[None]:
    """Parse a command line in this block. Raise TyperException, which reads in the language that is spoken."""
    try:
        yield
    except TyperException as error:
        said = spoken(error.format_message())
        error.format_message = lambda: said  # type: ignore[method-assign]
        raise


def spoken(fault: str) -> str:
    """Return a fault in the language that is spoken; what is not among those above stays as it is."""
    for template in FAULTS:
        if found := _reading(template).fullmatch(fault):
            return _(template).format(**{name: spoken(value) for name, value in found.groupdict().items()})
    return fault


@cache
def _reading(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(template)))
