"""The operators' commands on whole lives that real services have recorded: nothing of them is made up here."""

import csv
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from yarl import URL

from ops.access.broker import definitions
from ops.certificates.register import newest_state
from ops.certificates.show import write_certificates
from ops.certificates.standing import Standing, State
from ops.errors import CommandError
from ops.find.asking import Asked
from ops.find.commands import Output, write_found
from ops.history.due import write_due
from ops.history.explaining import Language, write_explanations
from ops.history.records import opened_reader
from ops.history.show import write_product
from ops.language import spoken_language
from ops.named import short_type
from ops.operator_settings import OperatorSettings
from ops.reports.catalogue.commands import Wanted, make_files
from ops.reports.commands import write_renewals, write_statistics, write_targets
from ops.reports.lifting import Held, Listing, write_support, write_training
from ops.reports.output import ReportOutput
from ops.reports.topics import load_topics
from ops.reports.town.commands import TownOutput, write_town
from ops.reports.town.commands import Wanted as WantedTown
from ops.web.listening import listening
from ops.web.pages import OnRecord
from ops.web.server import Site
from services.evaluation.rulebook import load_rulebook
from services.registry.gazetteer import meant
from services.registry.search_keys import spelt_words, wanted, without_marks
from shared.certificate_token import Verifier, key_id, published_keys
from shared.contracts.event import Event
from shared.integrations import load_integrations
from tools.lives.life import INTEGRATIONS, Step, load_lives
from tools.lives.play import player
from tools.stack import LocalStack

DELAY_MILLISECONDS = 200
REVOKED, UPGRADED, IMPORTED, CORRECTED = (
    "01-four-stars-five-stars-revoked",
    "02-upgrade-with-a-new-label",
    "05-imported-and-late",
    "07-fewer-stars-from-the-centre",
)
#: A day on which the upgraded product's certificate is in force.
TODAY = date(2027, 10, 21)


@dataclass(frozen=True)
class Archive:
    """The operator's settings of a stack on which lives were played, and what was announced in each."""

    settings: OperatorSettings
    announced: dict[str, list[Event]]
    verifier: Verifier

    def code(self, life: str) -> str:
        """Return the code of a life's product."""
        return str(self.announced[life][0].data["product_code"])


@pytest.fixture(scope="module")
async def archive(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Archive]:
    lives = [life for life in load_lives() if life.name in {REVOKED, UPGRADED, IMPORTED, CORRECTED}]
    content = definitions(load_integrations(INTEGRATIONS), delay_milliseconds=DELAY_MILLISECONDS)
    begins = min(life.steps[0].at for life in lives)
    async with (
        LocalStack(tmp_path_factory.mktemp("commands"), definitions=content, fresh=True) as stack,
        player(stack, begins, run_id="commands") as on_stage,
    ):
        announced: dict[str, list[Event]] = {life.name: [] for life in lives}
        for life in lives:
            await on_stage.play(life, partial(_noted, announced[life.name]))
        settings = OperatorSettings(None, stack.credentials("operator").mongo_url, None, (), None)
        keys = published_keys(stack.credentials("registry").certificate_keys or "")
        yield Archive(settings, announced, Verifier.of(json.dumps(keys)))


def _noted(announced: list[Event], _: Step, events: Sequence[Event]) -> None:
    announced += events


@dataclass(frozen=True)
class Terminal:
    """Runs what a command runs, and gives what it wrote."""

    output: pytest.CaptureFixture[str]

    async def sees(self, command: Awaitable[int], *, code: int = 0) -> str:
        """Return what is printed, of a command that ends with a code."""
        self.output.readouterr()
        assert await command == code
        return self.output.readouterr().out

    async def reads(self, command: Awaitable[int], *, code: int = 0) -> list[dict[str, Any]]:
        """Return the objects that are written for programs. The services write lines of their own beside them."""
        lines = (await self.sees(command, code=code)).splitlines()
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [each for each in found if "product_code" in each]


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


async def test_a_product_s_whole_life_is_told_the_newest_first(archive: Archive, terminal: Terminal) -> None:
    asked = write_product(archive.settings, archive.code(REVOKED), reveal=False, as_json=True)
    (product,) = await terminal.reads(asked)

    kinds = [each["kind"] for each in product["life"]]
    of_life = ("product.submitted", "product.referred", "round.", "council.", "certificate.", "deadline.")
    expected = [short_type(event.type) for event in archive.announced[REVOKED]]
    assert sorted(kinds) == sorted(kind for kind in expected if kind.startswith(of_life))
    assert kinds[0] == "certificate.revoked"
    assert kinds[-1] == "product.submitted"
    times = [each["recorded_at"] for each in product["life"]]
    assert times == sorted(times, reverse=True)


async def test_each_move_says_who_why_and_by_which_letter(archive: Archive, terminal: Terminal) -> None:
    asked = write_product(archive.settings, archive.code(REVOKED), reveal=False, as_json=True)
    (product,) = await terminal.reads(asked)

    first = next(each for each in reversed(product["life"]) if each["kind"] == "round.moved")
    assert first["by"] == "integration.commune"
    assert first["says"] == "round 1, at-commune → returned, by commune.assessed, 58/UBND of 2026-12-02"
    assert first["reasons"] == ["Hợp đồng liên kết chưa có chữ ký của bên bán nguyên liệu."]


async def test_a_life_is_printed_with_its_certificates(archive: Archive, terminal: Terminal) -> None:
    shown = await terminal.sees(write_product(archive.settings, archive.code(REVOKED), reveal=False, as_json=False))

    for said in ("TW-2029-0112", "LC-2027-0017", "bị thu hồi / revoked", "at-commune → returned", "average"):
        assert said in shown


async def test_certificates_are_shown_by_code_the_newest_first(archive: Archive, terminal: Terminal) -> None:
    asked = write_certificates(archive.settings, archive.code(REVOKED), TODAY, as_json=True)
    newest, first = await terminal.reads(asked)

    assert (newest["number"], newest["stars"], newest["status"], newest["ground"]) == (
        "TW-2029-0112",
        5,
        "revoked",
        "d",
    )
    assert newest["revocation"] == {"number": "2207/QĐ-BNNMT", "date": "2031-06-02"}
    assert (first["number"], first["stars"], first["status"]) == ("LC-2027-0017", 4, "superseded")
    assert (newest["due"], first["due"]) == ([], [])


async def test_a_certificate_is_found_by_its_number(archive: Archive, terminal: Terminal) -> None:
    (found,) = await terminal.reads(write_certificates(archive.settings, "HN-2027-0201", TODAY, as_json=True))

    assert (found["product_code"], found["stars"], found["status"]) == (archive.code(UPGRADED), 4, "in-force")
    assert found["due"][0]["about"] == "HN-2027-0201"


async def test_a_number_that_was_corrected_finds_the_product_s_certificates(
    archive: Archive, terminal: Terminal
) -> None:
    found = await terminal.reads(write_certificates(archive.settings, "HN-2027-0301", TODAY, as_json=True))

    assert {each["product_code"] for each in found} == {archive.code(CORRECTED)}


async def test_a_number_that_nobody_has_ends_with_1(archive: Archive, terminal: Terminal) -> None:
    assert not await terminal.reads(write_certificates(archive.settings, "HN.2027.0201", TODAY, as_json=True), code=1)


@pytest.mark.parametrize(
    ("life", "number", "state"),
    [
        (REVOKED, "TW-2029-0112", State(Standing.REVOKED, date(2031, 6, 2), "2207/QĐ-BNNMT")),
        (UPGRADED, "HN-2027-0003", State(Standing.SUPERSEDED, date(2027, 10, 19), "HN-2027-0201")),
        (UPGRADED, "HN-2027-0201", State(Standing.IN_FORCE, date(2030, 10, 20))),
    ],
)
async def test_a_token_is_held_against_what_became_of_its_certificate(
    archive: Archive, life: str, number: str, state: State
) -> None:
    issued = (event.data for event in archive.announced[life] if short_type(event.type) == "certificate.issued")
    token = next(each["token"] for each in issued if each["certificate"]["number"] == number)

    assert await newest_state(archive.settings, archive.verifier.verify(token), key=key_id(token)) == state


async def test_a_code_from_before_july_2025_finds_the_product(archive: Archive, terminal: Terminal) -> None:
    former, today = "01-269-09574-3-2022", archive.code(IMPORTED)
    (by_former,) = await terminal.reads(write_product(archive.settings, former, reveal=False, as_json=True))
    (by_todays,) = await terminal.reads(write_product(archive.settings, today, reveal=False, as_json=True))

    assert by_former == by_todays
    assert by_former["product_code"] == today
    assert [each["number"] for each in by_former["certificates"]] == ["HN-2027-0100", "HN-2024-0113"]
    explained = await terminal.reads(write_explanations(archive.settings, former, language=Language.EN, as_json=True))
    assert [each["product_code"] for each in explained] == [today]


async def test_what_falls_due_is_listed_soonest_first(archive: Archive, terminal: Terminal) -> None:
    asked = write_due(archive.settings, TODAY, days=1_200, place={"province": "01"}, as_json=True)
    found = [each for each in await terminal.reads(asked) if each["product_code"] == archive.code(UPGRADED)]

    assert [(each["day"], each["days_left"], each["kind"]) for each in found] == [
        ("2030-03-24", 885, "window-opens-in-30-days"),
        ("2030-04-23", 915, "window-open"),
        ("2030-05-23", 945, "window-open"),
        ("2030-06-12", 965, "window-open"),
        ("2030-06-21", 974, "last-day-tomorrow"),
        ("2030-06-23", 976, "window-closed"),
        ("2030-09-20", 1065, "expiring"),
        ("2030-10-21", 1096, "ended"),
    ]
    assert {each["about"] for each in found} == {"HN-2027-0201"}


@pytest.mark.parametrize(
    "known",
    ["code", "name", "name without marks", "producer", "tax number", "dossier", "certificate", "former code", "place"],
)
async def test_a_product_is_found_by_what_is_known_of_it(archive: Archive, terminal: Terminal, known: str) -> None:
    submitted = next(each for each in archive.announced[IMPORTED] if short_type(each.type) == "product.submitted").data
    producer, name = submitted["dossier"]["producer"], submitted["dossier"]["product"]["name"]
    text = {
        "code": archive.code(IMPORTED),
        "name": name.upper(),
        "name without marks": " ".join(without_marks(word) for word in spelt_words(name)),
        "producer": producer["name"],
        "tax number": producer["tax_code"] or producer["registration_number"],
        "dossier": submitted["dossier_id"],
        "certificate": "HN-2024-0113",
        "former code": "01-269-09574-3-2022",
        "place": "Sơn Tây",
    }[known]

    asked = Asked(wanted(text), named=meant(text))
    found = await terminal.reads(write_found(archive.settings, asked, Output(as_json=True), text=text))

    assert archive.code(IMPORTED) in {each["product_code"] for each in found}
    assert known in {"place", "producer", "tax number"} or len(found) == 1  # they have others


async def test_products_are_listed_page_by_page(archive: Archive, terminal: Terminal) -> None:
    everything = await terminal.reads(write_found(archive.settings, Asked(), Output(as_json=True)))
    codes = [each["product_code"] for each in everything]
    behind = Asked(after=codes[0], limit=1)
    (second,) = await terminal.reads(write_found(archive.settings, behind, Output(as_json=True)))

    assert codes == sorted(codes)
    assert {archive.code(life) for life in (REVOKED, UPGRADED, IMPORTED, CORRECTED)} <= {*codes}
    assert second["product_code"] == codes[1]


async def test_a_list_has_what_its_options_ask_for(archive: Archive, terminal: Terminal) -> None:
    in_force = Asked(stars=(3, 4, 5), place=meant("Hà Nội")[0])
    found = await terminal.reads(write_found(archive.settings, in_force, Output(as_json=True)))

    assert archive.code(UPGRADED) in {each["product_code"] for each in found}
    assert archive.code(REVOKED) not in {each["product_code"] for each in found}
    assert {(each["province"], each["certificate_status"]) for each in found} <= {
        ("Hà Nội", "in-force"),
        ("Hà Nội", "extended"),
    }


async def test_reports_count_what_was_announced_of_the_lives(archive: Archive, terminal: Terminal) -> None:
    announced = [event for life in archive.announced.values() for event in life]
    issued: dict[tuple[str | None, str], dict[str, Any]] = {}
    for event in announced:
        if short_type(event.type) == "certificate.issued":
            issued.pop((event.subject, event.data["corrects"] or ""), None)  # it was mistyped
            issued[event.subject, event.data["certificate"]["number"]] = event.data["certificate"]
    as_json = ReportOutput(as_json=True)
    said = await terminal.sees(write_statistics(archive.settings, None, as_json))
    statistics = json.loads(next(line for line in said.splitlines() if '"report"' in line))["sections"]

    months = {each["month"]: each["certificates"] for each in statistics["months"]["rows"]}
    assert months == Counter(each["issued_on"][:7] for each in issued.values())
    assert statistics["communes"]["total"]["products"] == len({event.subject for event in announced if event.sequence})
    assert statistics["months"]["total"]["not_on_record"] == 1  # of the one that was imported
    kinds = {each["kind"] for each in statistics["producers"]["rows"]}
    assert "Not on record" not in kinds


async def test_the_catalogue_has_the_certificates_in_force_with_their_tokens_and_no_other(
    archive: Archive, tmp_path: Path
) -> None:
    issued = [
        (event.subject, event.data)
        for life in archive.announced.values()
        for event in life
        if short_type(event.type) == "certificate.issued"
    ]
    file, heard_of = tmp_path / "catalogue.csv", {str(code) for code, _ in issued}  # documents of now may be behind
    await make_files(archive.settings, Wanted(csv=file), heard_of, clock=lambda: datetime(2027, 10, 21, tzinfo=UTC))

    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = {each["product_code"]: each for each in csv.DictReader(opened)}
    newest = {code: data for code, data in issued if code in rows}
    assert set(rows) == {archive.code(life) for life in (UPGRADED, IMPORTED, CORRECTED)}
    assert archive.code(REVOKED) in dict(issued)
    assert {code: (each["certificate_number"], each["token"]) for code, each in rows.items()} == {
        code: (data["certificate"]["number"], data["token"]) for code, data in newest.items()
    }
    assert [archive.verifier.verify(each["token"]).product_code for each in rows.values()] == list(rows)


async def test_support_and_training_go_by_the_newest_rating_of_each_product(
    archive: Archive, terminal: Terminal
) -> None:
    held = Held(load_topics(load_rulebook()), "topics.yaml")
    commands = (
        write_support(archive.settings, Listing(), ReportOutput(as_json=True)),
        write_training(archive.settings, Listing(), ReportOutput(as_json=True), held),
    )
    said = [await terminal.sees(each) for each in commands]
    support, training = (
        json.loads(next(line for line in each.splitlines() if '"report"' in line))["sections"] for each in said
    )

    announced = [event for life in archive.announced.values() for event in life]
    rated = {str(event.subject): event.data for event in announced if short_type(event.type) == "product.rated"}
    advised = {code: data["advice"] for code, data in rated.items() if data["advice"]}
    assert {each["product_code"]: each["option_steps"] for each in support["products"]["rows"]} == {
        code: advice["option_steps"] for code, advice in advised.items()
    }
    assert all(each["product_name"] for each in support["products"]["rows"])
    *_, all_classes = training["choices"]["rows"]
    assert 0 < all_classes["products"] <= len(advised)


async def test_renewals_and_targets_are_made_of_the_same(archive: Archive, terminal: Terminal) -> None:
    as_json = ReportOutput(as_json=True)
    said = [
        await terminal.sees(write_renewals(archive.settings, meant("01")[0], as_json, days=400)),
        await terminal.sees(write_targets(archive.settings, Path("programmes/son-tay-2025.yaml"), as_json)),
    ]
    renewals, targets = (
        json.loads(next(line for line in each.splitlines() if '"report"' in line))["sections"] for each in said
    )

    quarters = sum(each["certificates"] for each in renewals["quarters"]["rows"])
    assert quarters == renewals["communes"]["total"]["in_force"] > 0
    assert [each["target"] for each in targets["targets"]["rows"]] == [
        "rated",
        "new",
        "re-evaluated",
        "four-stars",
        "five-stars",
    ]


async def test_the_page_of_a_province_has_what_the_reports_say(
    archive: Archive, terminal: Terminal, tmp_path: Path
) -> None:
    asked = WantedTown(Held(load_topics(load_rulebook()), "topics.yaml"), place=meant("01")[0])
    page = tmp_path / "town.html"
    output = TownOutput(ReportOutput(as_json=True), page)

    said = await terminal.sees(write_town(archive.settings, asked, output))

    town = json.loads(next(line for line in said.splitlines() if '"report"' in line))["sections"]
    shown = {each["number_of"]: each["number"] for each in town["headline"]["rows"]}
    assert shown["certified"] == town["quarters"]["total"]["certificates"] > 0
    assert f"<dd>{shown['certified']}</dd>" in page.read_text("utf-8")


async def test_a_text_that_nothing_has_ends_with_1(archive: Archive, terminal: Terminal) -> None:
    asked = write_found(archive.settings, Asked(wanted("không có gì")), Output(as_json=True), text="không có gì")

    assert not await terminal.reads(asked, code=1)


async def test_a_place_where_nothing_falls_due_has_none(archive: Archive, terminal: Terminal) -> None:
    asked = write_due(archive.settings, TODAY, days=1_200, place={"commune": "99999"}, as_json=True)

    assert not await terminal.reads(asked)


async def test_half_yearly_rounds_stand_there_without_a_place(archive: Archive, terminal: Terminal) -> None:
    after = date(2031, 6, 3)  # of the last day that the register has lived
    found = await terminal.reads(write_due(archive.settings, after, days=400, place={}, as_json=True))

    of_rounds = [each for each in found if each["product_code"] is None]
    assert {each["kind"] for each in of_rounds} >= {"commune-requests", "province-round"}


async def test_every_result_is_explained_and_comes_out_again(archive: Archive, terminal: Terminal) -> None:
    asked = write_explanations(archive.settings, archive.code(REVOKED), language=Language.EN, as_json=True)
    found = await terminal.reads(asked)

    results = [event.data for event in archive.announced[REVOKED] if short_type(event.type) == "council.result"]
    assert [each["agrees"] for each in found] == [True] * len(results)
    assert [each["average"] for each in found] == [each["average"] for each in results]


async def test_a_product_without_a_result_is_not_explained(archive: Archive, terminal: Terminal) -> None:
    asked = write_explanations(archive.settings, "01-09574-999-2026", language=Language.EN, as_json=True)

    assert not await terminal.reads(asked, code=1)


async def test_a_browser_is_shown_the_same(archive: Archive) -> None:
    pages = ["/reports/statistics.json", f"/products/{archive.code(REVOKED)}?lang=vi", "/products"]
    with opened_reader(archive.settings) as reader:
        site = Site(OnRecord(reader), spoken_language(), "127.0.0.1")
        async with listening(site, 0) as url, ClientSession(url) as browser:
            statistics, life, listed = [await (await browser.get(each)).text() for each in pages]
            with pytest.raises(CommandError, match="is taken"):
                async with listening(site, URL(url).port or 0):
                    pass

    codes = {archive.code(life) for life in archive.announced}
    assert json.loads(statistics)["sections"]["communes"]["total"]["products"] == len(codes)
    assert {code for code in codes if f"/products/{code}" in listed} == codes
    assert "bị thu hồi" in life
