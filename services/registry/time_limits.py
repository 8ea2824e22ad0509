"""The numbers that the law's rules of time are made of, as data with their sources: `time_limits.yaml`."""

from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from shared.errors import SettingsError
from shared.yaml12 import load_yaml

DECISION_26_2026 = files("services.registry") / "time_limits.yaml"


class _Sourced(BaseModel):
    """A value as the file has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: Any
    source: Annotated[str, Field(min_length=1)]
    certainty: Literal["V", "R", "I"]


_FILE = TypeAdapter(dict[str, _Sourced])


def _month_and_day(written: object) -> tuple[int, int]:
    """Return month and day of `04-29`, which every year has. Raise ValueError."""
    if not isinstance(written, str):
        raise ValueError("a day of every year is written as in '04-29'")  # noqa: TRY004  # pydantic reads ValueError
    month, day = map(int, written.split("-"))
    return (date(2027, month, day).month, day)  # 2027 has no 29 February


Days = Annotated[int, Field(strict=True, ge=0, le=3650)]
YearlyDay = Annotated[tuple[int, int], BeforeValidator(_month_and_day)]


def _soonest_last(days: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(days, reverse=True))


class TimeLimits(BaseModel):
    """The rules of time of one legal document; days unless said otherwise, and before or after a certificate's last."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    in_force_from: date
    valid_months: Annotated[int, Field(strict=True, ge=1, le=1200)]
    window_opens: Days
    window_closes: Days
    first_notice: Days
    reminders: Annotated[tuple[Days, ...], AfterValidator(_soonest_last)]
    expiring_notice: Days
    extended_at_most: Annotated[Days, Field(ge=1)]
    late_filing_until: Days
    late_filing_if_issued_before: date
    late_filing_rule_ends: date | None
    commune_working_days: Days
    commune_notice_working_days: Days
    re_evaluation_days: Days
    re_evaluation_notice_days: Days
    round_notice_days: Days
    revocation_days: Days
    commune_requests: tuple[YearlyDay, ...]
    province_round: tuple[YearlyDay, ...]
    province_requests: tuple[YearlyDay, ...]
    centre_round: tuple[YearlyDay, ...]
    days_off: frozenset[date]
    working_saturdays: frozenset[date]
    filed_at_most_hours_ago: Annotated[int, Field(strict=True, ge=0, le=24 * 365)]
    receipt_at_most_days_ago: Days

    @model_validator(mode="after")
    def _milestones_in_order(self) -> Self:
        """Hold each milestone of a certificate to a day of its own, in the order of their meaning. Raise ValueError."""
        around_the_last = (self.window_closes + 1, self.window_closes - 1)
        before = (self.first_notice, self.window_opens, *self.reminders, *around_the_last, self.expiring_notice)
        if any(earlier <= later for earlier, later in pairwise(before)):
            raise ValueError(
                "first_notice, window_opens, reminders, window_closes (and a day more, a day less) and expiring_notice "
                f"have to follow each other, each less than the one before: {before}"
            )
        return self


#: The file by which this process goes. One: the state of a product says by it what falls due, wherever it is read.
_in_force: list[Traversable] = [DECISION_26_2026]
_known: dict[str, TimeLimits] = {}


def go_by(file: Traversable) -> None:
    """Let this process go by the limits of another file from now on. Raise SettingsError."""
    _read(file)
    _in_force[:] = [file]


def load_time_limits(file: Traversable | None = None) -> TimeLimits:
    """Return the limits of a file, by default of the one by which this process goes. Raise SettingsError."""
    return _read(file or _in_force[0])


def _read(file: Traversable) -> TimeLimits:
    """Return the limits of a file, which is read once in a process.

    Raises:
        SettingsError: it is no YAML, or a value is missing, of another kind or without a source.
    """
    if limits := _known.get(str(file)):
        return limits
    try:
        written = _FILE.validate_python(load_yaml(file.read_text("utf-8")))
        _known[str(file)] = TimeLimits.model_validate({name: each.value for name, each in written.items()})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{file}: {error}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc'])) or 'all'}: {each['msg']}" for each in error.errors())
        raise SettingsError(f"{file}: {faults}") from None
    return _known[str(file)]
