"""`ocop find` and `ocop product list`: products by what somebody types, by place, stars, stage and product set."""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

import typer
from stdnum.vn import mst

from ops.commands import JsonOption, StackFolder, run, wide_console, write_line, wrong_usage
from ops.find.asking import Asked
from ops.find.printing import COLUMNS, product_as_json, products_table
from ops.find.reading import Page, read_page
from ops.history.records import opened_reader
from ops.language import gettext as _
from ops.operator_settings import OperatorSettings, operator_settings, or_exit
from ops.places import only_place
from ops.spreadsheet import CsvOption, write_csv
from services.evaluation.rulebook import load_rulebook
from services.registry.gazetteer import FoundPlace, communes_meant, meant, provinces_meant
from services.registry.rounds import OPEN
from services.registry.search_keys import wanted
from shared.contracts.rounds import Stage
from shared.personal_number import personal_number

#: products that a table has, and what is for programs, unless somebody says otherwise
_IN_A_TABLE, _FOR_PROGRAMS = 50, 10_000
#: 01 begins tax codes of Hà Nội and no telephone; what begins as a product's code does is one that was mistyped
_TELEPHONE = re.compile(r"(?![0-9]{2}-[0-9]{3}(?:[0-9]{2})?-)(?:\+?84|0)[ .()-]*[2-9](?:[ .()-]*[0-9]){7,9}")
_NO_STARS = 0

OpenStage = StrEnum("OpenStage", {"NONE": "none", **{each.name: each.value for each in Stage if each in OPEN}})  # type: ignore[misc]
Group = StrEnum("Group", {each: each for each in ("I", "II", "III", "IV", "V", "VI")})  # type: ignore[misc]

Province = Annotated[
    str | None, typer.Option(metavar="CODE|NAME", help="of this province; a former one is where it lies now")
]
Commune = Annotated[str | None, typer.Option(metavar="CODE|NAME", help="of this commune; a former one likewise")]
Stars = Annotated[
    list[int] | None, typer.Option(min=_NO_STARS, max=5, help="of the certificate in force, 0: none; can be repeated")
]
InStage = Annotated[
    list[OpenStage] | None, typer.Option("--stage", help="where the round is, none: none is open; can be repeated")
]
ProductSet = Annotated[
    list[int] | None, typer.Option("--set", min=1, max=26, metavar="N", help="the product set; can be repeated")
]
InGroup = Annotated[
    Group | None, typer.Option("--group", help="I food, II beverages, III herbs, IV crafts, V ornamental, VI tourism")
]
Reveal = Annotated[bool, typer.Option("--reveal", help="with the producer's name: PERSONAL DATA")]
Limit = Annotated[
    int | None,
    typer.Option(
        min=1, max=_FOR_PROGRAMS, help="products at most: 50, with --json and --csv 10,000", show_default=False
    ),
]
After = Annotated[str, typer.Option(metavar="CODE", help="go on behind this product", show_default=False)]


def find(
    *,
    text: Annotated[str, typer.Argument(metavar="TEXT", show_default=False, help="what is known of it")],
    province: Province = None,
    commune: Commune = None,
    stars: Stars = None,
    stage: InStage = None,
    product_set: ProductSet = None,
    group: InGroup = None,
    reveal: Reveal = False,
    limit: Limit = None,
    after: After = "",
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    folder: StackFolder = None,
) -> None:
    """Find products by name, producer, tax number, place, code, certificate or dossier.

    All words of TEXT are in the names of product and producer, with the marks that are typed, or any where a word has
    none. A place, in force or former, finds its products. A number is one as a whole: a code, former ones too, a tax
    or registration number, a certificate's number, a dossier's id. Persons' numbers and telephones are not on record.

    With --json a line each: product_code, former_code, product_name, product_set, producer_name, province_code,
    province, commune_code, commune, stars, certificate_number, certificate_status, last_day, registration, stage,
    due_on. Exit code 1: nothing was found.

    Example: ocop find "bánh tẻ"
    """
    if not (wanted(text).words or wanted(text).exact):
        raise wrong_usage(_("say a word, a number or a code; `ocop product list` lists all products"))
    filters = Filters(province, commune, stars, stage, product_set, group)
    output = Output(reveal=reveal, as_json=as_json, as_csv=as_csv)
    asked = replace(filters.asked(), text=wanted(text), after=after, limit=limit or output.usual)
    if not asked.place:
        asked = replace(asked, named=tuple(meant(text)))
    settings = or_exit(lambda: operator_settings(folder))
    run(write_found(settings, asked, output, text=text))


def list_products(
    *,
    province: Province = None,
    commune: Commune = None,
    stars: Stars = None,
    stage: InStage = None,
    product_set: ProductSet = None,
    group: InGroup = None,
    reveal: Reveal = False,
    limit: Limit = None,
    after: After = "",
    as_json: JsonOption = False,
    as_csv: CsvOption = False,
    folder: StackFolder = None,
) -> None:
    """List the products, in the order of their codes: all, or by place, stars, round, product set or group.

    It is what is so now, behind what happens by a moment. Where there are more than are shown, it says how to go on.

    With --json a line each, as ocop find has them; with --csv the same for a spreadsheet.

    Example: ocop product list --province 01 --stars 4 --stars 5
    """
    filters = Filters(province, commune, stars, stage, product_set, group)
    output = Output(reveal=reveal, as_json=as_json, as_csv=as_csv)
    asked = replace(filters.asked(), after=after, limit=limit or output.usual)
    settings = or_exit(lambda: operator_settings(folder))
    run(write_found(settings, asked, output))


@dataclass(frozen=True)
class Filters:
    """What the options say of the products that are wanted."""

    province: str | None
    commune: str | None
    stars: list[int] | None
    stage: list[OpenStage] | None
    product_set: list[int] | None
    group: Group | None

    def asked(self) -> Asked:
        """Return what they ask for, to a command. Raise Exit (code 2) where there is no such place, or no such set."""
        try:
            return self.meant()
        except ValueError as error:
            raise wrong_usage(str(error)) from None

    def meant(self) -> Asked:
        """Return what they ask for. Raise ValueError where there is no such place, or no such set in the group."""
        stages = [None if each.value == "none" else Stage(each.value) for each in self.stage or ()]
        return Asked(place=self._place(), stars=self.stars or (), stages=stages, product_sets=self._sets())

    def _place(self) -> FoundPlace | None:
        province = only_place(provinces_meant(self.province), self.province) if self.province else None
        if self.commune:
            return only_place(communes_meant(self.commune, province.code if province else None), self.commune)
        return province

    def _sets(self) -> Sequence[int]:
        if self.group is None:
            return self.product_set or ()
        sheets = load_rulebook().sheets.values()
        of_group = {sheet.product_set for sheet in sheets if sheet.group.code == self.group.value}
        if not (found := of_group.intersection(self.product_set or of_group)):
            said, sets = _("group {group} has the product sets {sets}"), ", ".join(map(str, sorted(of_group)))
            raise ValueError(said.format(group=self.group.value, sets=sets))
        return sorted(found)


@dataclass(frozen=True)
class Output:
    """How products are written."""

    reveal: bool = False
    as_json: bool = False
    as_csv: bool = False

    @property
    def usual(self) -> int:
        """How many products are written where nobody says."""
        return _FOR_PROGRAMS if self.as_json or self.as_csv else _IN_A_TABLE


async def write_found(settings: OperatorSettings, asked: Asked, output: Output, *, text: str = "") -> int:
    """Write the products that are asked for. Return the exit code: 1 where a text finds none. Raise AccessError."""
    with opened_reader(settings) as reader:
        page = await read_page(reader, asked)
    write_page(page, output)
    for note in notes(page, text):
        sys.stderr.write(f"ocop: {note}\n")
    return 0 if page.products or not text else 1


def write_page(page: Page, output: Output) -> None:
    """Write products to standard output."""
    if output.as_csv:
        write_csv(COLUMNS, (product_as_json(each, reveal=output.reveal) for each in page.products))
    elif output.as_json:
        for each in page.products:
            write_line(product_as_json(each, reveal=output.reveal))
    elif page.products:
        wide_console().print(products_table(page.products, reveal=output.reveal))


def notes(page: Page, text: str) -> Iterator[str]:
    """Yield what is to be said beside the products."""
    if page.spelt_otherwise:
        yield _("no name has these marks; with others, or none:")
    if not page.is_last:
        yield _("there are more: add --after {code}, or --limit").format(code=page.products[-1].code)
    if not page.is_whole:
        yield _("the registry is writing anew what products are found by: some may be missing yet")
    if not page.products:
        yield _no_product(text)


def _no_product(text: str) -> str:
    if personal_number(text):
        return _("no product was found: a person's number is on record as a hash alone; ask by name or code")
    if _TELEPHONE.fullmatch(text.strip()) and not mst.is_valid(text):
        sealed = _("telephones are sealed for notifications alone, and not on record; ask by name, producer or place")
        return _("no product was found: {why}").format(why=sealed)
    return _("no product was found")
