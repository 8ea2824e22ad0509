"""What can be asked of a page, as fields of its form: the options of the commands, under their names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ops.find.commands import Filters, Group, OpenStage
from ops.language import Message
from ops.reports.both import InBoth
from ops.reports.report import spoken
from ops.web.address import Address
from services.evaluation.rulebook import load_rulebook
from services.registry.units import PROVINCES
from shared.contracts.text import Bilingual

#: Stars that a rating can lead to, and those of a certificate (Decision 26/2026/QĐ-TTg, Art. 4.1).
_NEXT, _CERTIFIED = (1, 2, 3, 4, 5), (3, 4, 5)


class Shape(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    NUMBER = "number"
    SELECT = "select"
    CHECKBOXES = "checkboxes"


@dataclass(frozen=True)
class Field:
    """A field: `options` are the values that can be chosen, each with what it is called; `usual` stands there first."""

    name: str
    label: Message
    shape: Shape
    options: Sequence[tuple[str, str]] = ()
    least: int = 0
    most: int = 0
    usual: str = ""

    def called(self, values: Iterable[str]) -> str:
        """Return what values are called, in the language that is spoken."""
        names = dict(self.options)
        return ", ".join(spoken(names.get(value, value)) for value in values)


def _groups() -> list[tuple[str, InBoth]]:
    """Return the product groups, in the order of their codes."""
    found = {sheet.group.code: sheet.group for sheet in load_rulebook().sheets.values()}
    named = (Bilingual(vi=f"{code} {found[code].vi}", en=f"{code} {found[code].en}") for code in sorted(found))
    return list(zip(sorted(found), map(InBoth, named), strict=True))


PROVINCE = Field(
    "province", Message("Province"), Shape.SELECT, [(f"{code:02}", PROVINCES[code]) for code in sorted(PROVINCES)]
)
COMMUNE = Field("commune", Message("Commune: a code or a name, a former one too"), Shape.TEXT)
PLACE = (PROVINCE, COMMUNE)
WITHIN = Field("within", Message("Whose window closes within so many days"), Shape.NUMBER, most=400, usual="30")
NEXT = Field("next", Message("To this next star only"), Shape.CHECKBOXES, [(str(each), f"{each}★") for each in _NEXT])
LIMIT = Field("limit", Message("Products that are listed"), Shape.NUMBER, least=1, most=10_000, usual="50")
TEXT = Field("q", Message("Name, producer, place, code or number"), Shape.TEXT)
STARS = Field(
    "stars",
    Message("Stars in force"),
    Shape.CHECKBOXES,
    [("0", Message("none")), *((str(each), f"{each}★") for each in _CERTIFIED)],
)
STAGE = Field(
    "stage", Message("Where the round is"), Shape.SELECT, [(each.value, Message(each.value)) for each in OpenStage]
)
GROUP = Field("group", Message("Product group"), Shape.SELECT, _groups())


def filters(address: Address) -> Filters:
    """Return which products are asked for. Raise WrongError."""
    stages = [OpenStage(each) for each in address.choices("stage", OpenStage)]
    groups = [Group(each) for each in address.choices("group", Group)]
    return Filters(
        address.one("province") or None,
        address.one("commune") or None,
        address.numbers("stars", 0, 5),
        stages,
        address.numbers("set", 1, 26),
        next(iter(groups), None),
    )


def number(address: Address, field: Field) -> int:
    """Return the number that a field asks for. Raise WrongError."""
    return address.number(field.name, field.least, field.most, usual=int(field.usual))


def chosen(address: Address, field: Field) -> list[str]:
    """Return which of its options a field asks for. Raise WrongError."""
    return address.choices(field.name, (value for value, _ in field.options))
