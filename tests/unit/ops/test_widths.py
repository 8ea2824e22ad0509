"""On a terminal of any width every id, code, reason, queue and type that a table shows is whole.

What fits on a line of the narrowest is never broken; what is longer, an id of 255 letters, is folded.
"""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from ops.alerts.printing import alerts_table, history_table
from ops.alerts.reading import ListedAlert
from ops.certificates.printing import print_judgement
from ops.certificates.show import print_certificates
from ops.certificates.standing import Standing, State
from ops.dead_letters.message import read_dead_message
from ops.dead_letters.show import print_list, print_whole
from ops.doctor.check import ok, warning, wrong
from ops.doctor.commands import checks_table
from ops.dossiers.batch import DossierBatch
from ops.dossiers.checking import check
from ops.dossiers.files import read_dossier
from ops.dossiers.outcomes import DossierStatus, Ending
from ops.dossiers.reporting import print_batch
from ops.dossiers.scoring import print_score
from ops.history.due import print_due
from ops.history.entry import JournalEntry
from ops.history.explaining import Language, explained, print_explanation
from ops.history.falling_due import of_product
from ops.history.happenings import Happening, HappeningKind
from ops.history.life import Moment
from ops.history.products import FiledDossier, RecordedProduct, RecordedRating
from ops.history.records import read_record
from ops.history.show import print_alerts, print_life, print_ratings
from ops.history.trace import print_traces
from ops.history.waiting import waiting_table
from ops.history.whole import ProductLife
from ops.queues.printing import queues_shown
from ops.queues.reading import Overview
from ops.queues.state import QueueKind, QueueState, known_queues
from ops.reports.printing import print_report
from ops.reports.programme import load_programme
from ops.reports.renewals import renewals
from ops.reports.scene import Scene
from ops.reports.statistics import statistics
from ops.reports.targets import targets
from ops.sheets.printing import print_sheet, sheets_table
from ops.watch.screen import Screen
from services.evaluation.rulebook import load_rulebook, load_sheet
from services.notifications.alert_state import AlertState, Waiting
from services.registry.facts import facts_of
from services.registry.rounds import CertificateStatus
from services.registry.time_limits import load_time_limits
from shared.certificate_token import CertificateClaims
from shared.contracts.alert import AlertDelivered, TriedChannel
from shared.contracts.dossier import Dossier
from shared.contracts.envelope import MAX_ID_BYTES
from shared.contracts.product import ProductSubmitted
from shared.contracts.text import Bilingual, Fault
from tests.unit.evaluation.councils import Chamber
from tests.unit.ops.deliveries import delivery
from tests.unit.ops.reports import a_town
from tests.unit.registry.dossiers import changed
from tests.unit.registry.products import a_round, held, letter, product
from tools.portal import FollowedDossier
from tools.report import dossiers_table

WIDTHS = (60, 80, 120, 200)
#: characters that have room on a line of the narrowest terminal beside their name
ON_ONE_LINE = 38

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples/dossiers/01-banh-te-hung-van.json"
NAMED = known_queues() | {"integration.portal.events": QueueKind.INTEGRATION}
NOW = datetime(2026, 11, 29, 6, 30, 15, 123_000, tzinfo=UTC)
TODAY = date(2026, 11, 29)
CODE = "01-09574-1234-2026"
NAME = "Cao sâm dây Ngọc Linh cô đặc của Hợp tác xã nông nghiệp Phường Văn Miếu - Quốc Tử Giám"
UUID = "3f2c2ba5-610b-5c24-9a6e-ab8f28ff8a22"
EVENT_UUID = "ed19222a-8618-5e9b-ba83-d61b9b642fb2"
LONG_ID = "/".join(["portal"] * 37)[:MAX_ID_BYTES]
QUEUE, TYPE, FILER = "notifications.assessment-rejected.dead", "council.rescore-requested", "integration.nghe-an"
REASON = "unreadable-data-not-an-object"
DETAIL = f"the data is an array and no object; see the answer: ocop trace {UUID}"
KEY = "--CwQss9smT9L0Aq0rOY7hhVsllxHQ-bRi1CWw9pS7Q"
FAULTS = (
    Fault(
        pointer="/self_assessment/answers/16/option",
        code="unreadable-data-not-an-object",
        message=Bilingual(vi="Tiêu chí này không có phương án 9.", en="This criterion has no option 9."),
    ),
    Fault(
        pointer="/producer/contact/email",
        code="product-already-registered",
        message=Bilingual(vi="Sản phẩm đã được đăng ký.", en="The product is registered already."),
    ),
)

Show = Callable[[Console], None]


def rating() -> Ending:
    """Return three stars, held back by the label, as the first of the example dossiers has them."""
    dossier = read_dossier(EXAMPLE)
    dossier["product"]["name"] = NAME
    return replace(check(load_sheet, dossier), product_code=CODE)


def rejected() -> Ending:
    return Ending(DossierStatus.ASSESSMENT_REJECTED, NAME, FAULTS, product_code=CODE)


def record_of(id: str) -> Any:
    event = {"id": EVENT_UUID, "source": "/portals/x", "correlation_id": id, "filed_by": FILER}
    return read_record("evaluation", {"event": event, "recorded_at": NOW, "announced": []})


def submit(console: Console) -> None:
    batch = DossierBatch(
        UUID, [Path("examples/dossiers/36-faulty-unknown-answers.json"), Path("b.yaml"), Path("c.json")]
    )
    batch.filings[1].id = LONG_ID
    for filing, ending in zip(batch.filings, (rejected(), rating(), Ending(DossierStatus.UNREADABLE)), strict=True):
        batch.note(filing, ending)
    print_batch(console, batch)


def dry_run(console: Console) -> None:
    batch = DossierBatch("", [Path("examples/dossiers/36-faulty-unknown-answers.json")])
    batch.note(batch.filings[0], rejected())
    print_batch(console, batch)


def score(console: Console) -> None:
    print_score(console, Path("examples/dossiers/36-faulty-unknown-answers.json"), replace(rating(), faults=FAULTS))


def dead(id: str) -> Any:
    headers = {"x-ocop-reason": REASON, "x-ocop-detail": DETAIL, "x-ocop-failed-at": NOW, "ce-id": id}
    headers |= {"ce-type": f"vn.ocop.{TYPE}.v1", "ce-source": f"/portals/{LONG_ID}", "ce-specversion": "1.0"}
    return delivery(b'{"product_code": "01-09574-1234-2026"}', headers=headers, message_id=id, user_id=FILER)


def dead_list(console: Console) -> None:
    listed = [read_dead_message(dead(id), queue=QUEUE, position=1) for id in (UUID, LONG_ID)]
    print_list(console, Counter({(QUEUE, REASON): 2}), [replace(each, filed_by=FILER) for each in listed])


def dead_show(console: Console) -> None:
    print_whole(console, read_dead_message(dead(LONG_ID), queue=QUEUE, position=1), dead(LONG_ID))


def trace(console: Console) -> None:
    events = [
        Happening(HappeningKind.EVENT, NOW, FILER, TYPE, f"{CODE}, {REASON}", LONG_ID, UUID),
        Happening(HappeningKind.DEAD_LETTER, NOW, "notifications", f"dead letter in {QUEUE}", DETAIL, UUID, LONG_ID),
    ]
    print_traces(console, {LONG_ID: events})


def product_show(console: Console) -> None:
    dossier = Dossier(**changed({"/product/name": NAME}))
    latest = ProductSubmitted(product_code=CODE, dossier_id=UUID, dossier=dossier)
    filed = (FiledDossier(record_of(UUID), "first", rating()), FiledDossier(record_of(LONG_ID), None, rejected()))
    moment = Moment(NOW, TYPE, FILER, "round 1, at-commune → returned, 58/UBND-OCOP of 2026-12-02", ("Thiếu ảnh.",))
    revoked = held(status=CertificateStatus.REVOKED, ended_on=TODAY, revocation=letter(TODAY, "1234/QĐ-UBND-KTNN"))
    known = product(held(), revoked, code=CODE, name=NAME)
    print_life(console, ProductLife(RecordedProduct(latest, filed), known, (moment,)), TODAY, reveal=False)


def rating_show(console: Console) -> None:
    print_ratings(console, [RecordedRating(record_of(id), "QD26-06", rating()) for id in (LONG_ID, UUID)])


def rating_show_rejected(console: Console) -> None:
    print_ratings(console, [RecordedRating(record_of(UUID), "QD26-06", rejected())])


def alert_show(console: Console) -> None:
    told = {"recorded_at": NOW, "kind": TYPE, "channel": "email", "language": "vi", "outcome": "attempts-used-up"}
    told |= {"audience": "office", "to": "so-nong-nghiep-thai-nguyen", "held_until": NOW}
    print_alerts(console, [told | {"detail": DETAIL, "subject": NAME, "dossier_id": id} for id in (UUID, LONG_ID)])


def due(console: Console) -> None:
    print_due(console, of_product(product(held(), code=CODE, name=NAME), load_time_limits()), TODAY)


def certificate_show(console: Console) -> None:
    known = product(held(), code=CODE, name=NAME)
    assert of_product(known, load_time_limits())
    print_certificates(console, [(known, known.certificates[0])], TODAY)


def certificate_verify(console: Console) -> None:
    claims = CertificateClaims.model_construct(
        number="1234/2026/GCN-OCOP",
        product_name=NAME,
        product_code=CODE,
        stars=4,
        decision_number="1234/QĐ-UBND-KTNN",
        decision_date=TODAY,
        authority="40",
        issued_at=0,
        issued_on=TODAY,
        last_day=TODAY,
        issuer="https://ocop.nghean.gov.vn/so-dang-ky-san-pham",
    )
    print_judgement(console, claims, State(Standing.IN_FORCE, TODAY), key=KEY, is_looked_up=False)


async def explanation() -> Any:
    chamber = await Chamber.opened()
    await chamber.sit(88, 85, 84)
    await chamber.conclude()
    (found,) = explained(chamber.bench.documents("ratings"))
    return found


def sheets_list(console: Console) -> None:
    console.print(sheets_table(load_rulebook().sheets.values()))


def sheets_show(console: Console) -> None:
    rulebook = load_rulebook()
    print_sheet(console, rulebook.sheets[6], rulebook.decision)


def doctor(console: Console) -> None:
    checks = [
        ok("service notifications", f"ready; MongoDB answers; {LONG_ID}"),
        warning("queue lengths", f"{QUEUE}: {REASON}", f"ocop dead list --queue {QUEUE}"),
        wrong("broker", "the broker 127.0.0.1:28593 does not answer", "docs/operations.md#ocopbrokerdown"),
    ]
    console.print(checks_table(checks))


def alert_waiting(console: Console) -> None:
    waits = {"channel": "email", "since": NOW, "tries": 12, "next_try_at": NOW, "why": DETAIL}
    console.print(waiting_table([waits | {"kind": TYPE, "product_code": CODE, "about": LONG_ID}]))


def alerts_list(console: Console) -> None:
    tried = (TriedChannel(channel="email", reason="refused", detail="550 5.1.1"),)
    waiting = Waiting(
        since=NOW, attempts=3, next_try_at=NOW, why=DETAIL, kind=TYPE, about=EVENT_UUID, product_code=CODE
    )
    state = AlertState(channel="sms", outcome="waiting", tried=tried, waiting=waiting, kind=TYPE, product_code=CODE)
    office = state.model_copy(update={"audience": "office", "to": "so-nong-nghiep-thai-nguyen"})
    console.print(alerts_table([ListedAlert(UUID, NOW, state), ListedAlert(EVENT_UUID, NOW, office)]))


def alert_history(console: Console) -> None:
    alert = ListedAlert(UUID, NOW, AlertState(channel="email", outcome="held", kind=TYPE)).as_json()
    console.print(history_table([alert | {"subject": NAME, "again": True, "held_until": NOW}]))


def states() -> list[QueueState]:
    """Return the queues of a provinces' installation, some of them unusual."""
    waiting = {QueueKind.WORK: 0, QueueKind.INTEGRATION: 120, QueueKind.DEAD: 3, QueueKind.JOURNAL: 300}
    return [
        QueueState(name, kind, waiting.get(kind, 0), int(kind is QueueKind.WORK), 0, 7.6, 5.8, NOW - timedelta(hours=3))
        for name, kind in NAMED.items()
    ]


def queues(console: Console) -> None:
    shown, lines = queues_shown(states(), NOW, console.width)
    console.print(shown, *lines, sep="\n")


def watch(console: Console) -> None:
    screen = Screen("broker.ocop.nghean.gov.vn:5671")
    told = JournalEntry(7, NOW, f"vn.ocop.{TYPE}.v1", "", CODE, EVENT_UUID, "/x", UUID, "evaluation", "evaluation", {})
    screen.note(told)
    faults = {"faults": [{"code": REASON}]}
    screen.note(replace(told, type="vn.ocop.dossier.rejected.v1", correlation_id=LONG_ID, data=faults))
    screen.note(replace(read_dead_message(dead(EVENT_UUID), queue=QUEUE, position=1), filed_by=FILER))
    console.print(screen.rendered(Overview(tuple(states())), console, NOW))


def demo(console: Console) -> None:
    alert = AlertDelivered(alert_id=UUID, about=UUID, language="vi", product_code=CODE, channel="email")
    rated = FollowedDossier("01-banh-te-hung-van", UUID, {}, answer=rating().rating, alert=alert)
    console.print(dossiers_table([rated, FollowedDossier("36-faulty-unknown-answers", UUID, {})]))


OF_FAULTS = [part for fault in FAULTS for part in (fault.code, fault.pointer)]
STARS, SHEET_CODES = "★★★☆☆", [sheet.code for sheet in load_rulebook().sheets.values()]
FILE = "examples/dossiers/36-faulty-unknown-answers.json"
CERTIFICATE = ["3-sao/2026", "100/QĐ-UBND", CODE, "2029-06-01"]

FACTS = facts_of(product(code=CODE, certificates=(held(),), round=None))
EXPIRED = held(last_day=date(2026, 12, 31), status=CertificateStatus.EXPIRED)
LAPSED = facts_of(product(code=CODE, certificates=(EXPIRED,)))


def report_statistics(console: Console) -> None:
    print_report(console, statistics([FACTS, LAPSED], TODAY))


def report_renewals(console: Console) -> None:
    print_report(console, renewals([FACTS, LAPSED], {CODE: NAME}, TODAY, load_time_limits()))


def report_targets(console: Console) -> None:
    plan = load_programme(ROOT / "programmes/son-tay-2025.yaml")
    on_its_way = facts_of(product(code=CODE, round=a_round()))
    print_report(console, targets(Scene(plan, [on_its_way], TODAY, load_time_limits())))


def report_town(console: Console) -> None:
    print_report(console, a_town.report())


SHOWN: dict[Show, list[str]] = {
    submit: [UUID, LONG_ID, CODE, "assessment-rejected", "unreadable", FILE, STARS, *OF_FAULTS],
    dry_run: [CODE, "assessment-rejected", FILE, *OF_FAULTS],
    score: [NAME, FILE, *OF_FAULTS, *(fault.message.vi for fault in FAULTS), "QD26-06", "83 points", "+1"],
    dead_list: [QUEUE, REASON, DETAIL, UUID, LONG_ID, TYPE, FILER, "2026-11-29", "06:30:15"],
    dead_show: [QUEUE, REASON, DETAIL, LONG_ID, f"/portals/{LONG_ID}", f"vn.ocop.{TYPE}.v1", CODE],
    trace: [UUID, LONG_ID, FILER, TYPE, CODE, REASON, QUEUE, DETAIL, "06:30:15.123"],
    product_show: [*CERTIFICATE, UUID, LONG_ID, "1234/QĐ-UBND-KTNN", TYPE, FILER, "58/UBND-OCOP", *OF_FAULTS, "Hà Nội"],
    rating_show: [UUID, LONG_ID, "QD26-06", "rated", STARS, "+1"],
    rating_show_rejected: [UUID, "assessment-rejected", *OF_FAULTS],
    alert_waiting: [LONG_ID, TYPE, CODE, "email", DETAIL, "2026-11-29"],
    alert_show: [UUID, LONG_ID, TYPE, "email", "so-nong-nghiep-thai-nguyen", "attempts-used-up", DETAIL, NAME],
    alerts_list: [UUID, EVENT_UUID, TYPE, CODE, "sms", "refused", DETAIL, "so-nong-nghiep-thai-nguyen"],
    alert_history: [TYPE, "email", "held", "2026-11-29 06:30:15"],
    due: [CODE, NAME, "3-sao/2026", "giấy chứng nhận sắp hết hạn", "2029-06-02"],
    certificate_show: [*CERTIFICATE, NAME, "certificate expires soon"],
    certificate_verify: [CODE, "1234/2026/GCN-OCOP", "1234/QĐ-UBND-KTNN", KEY],
    report_statistics: [
        "09574",
        "Phường Sơn Tây",
        "Processed from rice and cereals",
        "family-business",
        "in-force",
        "2026-06",
    ],
    report_renewals: [CODE, NAME, "Phường Sơn Tây", "2026-12-31", "2029-Q2"],
    report_targets: ["Phường Tùng Thiện", "five-stars", "at-commune", "vietnamnews", "2025-12-31"],
    report_town: [
        "01-09604-10-2022",
        "Phường Tùng Thiện",
        "Products with 4★",
        "vietnamnews",
        "2025-10-18",
        "Rounds open",
    ],
    sheets_list: SHEET_CODES,
    sheets_show: ["QD26-06", "26/2026/QĐ-TTg", "6.1", "★★★"],
    doctor: [LONG_ID, QUEUE, REASON, "service notifications", "127.0.0.1:28593", "docs/operations.md#ocopbrokerdown"],
    queues: ["registry.life", QUEUE, f"ocop dead list --queue {QUEUE}", "nobody reads it; at 1 GiB the oldest go"],
    watch: [UUID, LONG_ID, EVENT_UUID, TYPE, QUEUE, REASON, DETAIL, "broker.ocop.nghean.gov.vn:5671"],
    demo: [NAME, "01-banh-te-hung-van", "36-faulty-unknown-answers", "email", STARS, "+1"],
}


def printed(show: Show, width: int) -> str:
    output = StringIO()
    show(Console(file=output, width=width, height=40))
    return output.getvalue()


def joined(shown: str) -> list[str]:
    """Return what is shown without spaces, as one reads it: each column of a table, values beside names, all lines."""
    rows = [re.split("[│┃]", line) for line in shown.splitlines()]
    columns = {place for cells in rows for place in range(len(cells))}
    by_column = ("".join(cells[place] for cells in rows if len(cells) > place) for place in columns)
    values = "".join(re.split(r"\s{2,}", line.rstrip())[-1] for line in shown.splitlines())
    return ["".join(text.split()) for text in (*by_column, values, shown)]


def is_whole(text: str, shown: str) -> bool:
    if len(text) <= ON_ONE_LINE and " " not in text:
        return text in shown
    return any("".join(text.split()) in each for each in joined(shown))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("show", SHOWN, ids=lambda show: show.__name__)
def test_nothing_is_cut(show: Show, width: int) -> None:
    shown = printed(show, width)

    assert [text for text in SHOWN[show] if not is_whole(text, shown)] == []
    assert "…" not in shown or show is sheets_show  # the law has some
    assert max(map(cell_len, shown.splitlines())) <= width


@pytest.mark.parametrize("width", WIDTHS)
async def test_an_explanation_is_folded_by_the_terminal_and_not_cut(width: int) -> None:
    found, output = await explanation(), StringIO()

    print_explanation(Console(file=output, width=width), found, Language.BOTH)

    assert all(line.vi in output.getvalue() and line.en in output.getvalue() for line in found.lines)


def calls(file: Path) -> Iterable[str]:
    """Yield the names of what is called in a file."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def test_every_table_is_made_in_one_place() -> None:
    """Where else one is made, rich cuts what has no room."""
    files = (file for folder in ("ops", "tools") for file in (ROOT / folder).rglob("*.py"))
    made = {str(file.relative_to(ROOT)) for file in files if {"Table", "grid"} & set(calls(file))}

    assert made == {"ops/tables.py"}
