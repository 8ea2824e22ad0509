"""A batch of rows: ids by what rows say, the order in which they are filed, and the result beside the sheet."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from ops.importing.batch import ImportBatch, RowEnding
from ops.importing.filing import ending_of
from ops.importing.outcomes import RowStatus
from ops.importing.results import Result, read_earlier, result_of
from ops.importing.rows import CellFault, ReadRow
from shared.contracts.fault_codes import FilingFault
from shared.contracts.filing import FilingRejected
from shared.contracts.text import Bilingual, Fault

FAULT = CellFault("stars", "Số sao", "=đạt", "3 to 5 stars")


def row(number: int, *, code: str = "01-269-09592-3-2024", decided: str = "2024-03-12", name: str = "Bánh") -> ReadRow:
    certificate = {"number": f"{number}/OCOP", "decision": {"number": "148/QĐ-UBND", "date": decided}}
    data = {"product_code": code, "product": {"name": name}, "certificate": certificate}
    return ReadRow(number, name, data, (), (), {"stars": "4"})


def endings(batch: ImportBatch) -> list[tuple[int, str, str]]:
    return [(each.row.number, each.ending.outcome.value, each.ending.product_code) for each in batch.filings]


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_keeps_its_id_where_others_are_inserted_and_gets_another_where_it_is_put_right() -> None:
    one, moved = row(2), replace(row(2), number=7)
    ids = [ImportBatch("batch", [each]).filings[0].id for each in (one, moved, row(3))]

    assert ids[0] == ids[1] != ids[2]
    assert ImportBatch("another", [one]).filings[0].id != ids[0]


def test_the_same_row_twice_is_filed_once() -> None:
    batch = ImportBatch("batch", [row(2), replace(row(2), number=9)])

    assert [each.row.number for each in batch.to_file] == [2]
    assert [(each.ending.outcome, each.ending.same_as) for each in batch.filings] == [
        (RowStatus.NOT_FILED, None),
        (RowStatus.REPEATED, 2),
    ]


def test_older_certificates_are_filed_first_and_codes_that_are_kept_before_those_that_are_given() -> None:
    rows = [
        row(2, decided="2026-09-01", code="01-269-09592-3-2022"),
        row(3, decided="2026-10-01", code="01-09574-1-2026"),
        row(4, decided="2024-05-01"),
        row(5, decided="2023-05-01"),
    ]

    assert [each.row.number for each in ImportBatch("batch", rows).to_file] == [5, 4, 3, 2]


def test_a_row_with_a_fault_is_not_filed() -> None:
    batch = ImportBatch("batch", [replace(row(2), faults=(FAULT,))])

    assert (batch.to_file, endings(batch)) == ([], [(2, "faulty", "")])


def test_an_answer_stands_whatever_comes_after_it() -> None:
    batch = ImportBatch("batch", [row(2)])
    (filing,) = batch.filings

    batch.note(filing, RowEnding(RowStatus.IMPORTED, "01-09574-1-2024"))
    batch.note(filing, RowEnding(RowStatus.FILED))

    assert endings(batch) == [(2, "imported", "01-09574-1-2024")]
    assert (batch.waits, batch.how_far) == (False, "1 of 1 filed, 1 answered")


def test_the_result_has_a_line_a_row_with_its_code_or_one_for_each_fault(tmp_path: Path) -> None:
    path = tmp_path / "san-pham.xlsx.result.csv"
    faulty = replace(row(3), faults=(FAULT, replace(FAULT, column="tax_code")), notes=("MST: 1 read as 01",))
    batch = ImportBatch("batch", [row(2), faulty])
    with Result(path, batch):
        batch.note(batch.filings[0], RowEnding(RowStatus.IMPORTED, "01-09574-1-2024"))

    assert [(each["row"], each["outcome"], each["product_code"], each["column"]) for each in lines(path)] == [
        ("2", "imported", "01-09574-1-2024", ""),
        ("3", "faulty", "", "stars"),
        ("3", "faulty", "", "tax_code"),
    ]
    fault = lines(path)[1]
    assert (fault["header"], fault["value"], fault["expected"]) == ("Số sao", "'=đạt", "3 to 5 stars")
    assert fault["note"] == "MST: 1 read as 01"


def test_what_a_killed_run_had_answered_is_known_to_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "result.csv"
    batch = ImportBatch("batch", [row(2), row(3), row(4)])
    imported, rejected, _ = batch.filings
    with Result(path, batch) as result:
        batch.on_news = result.write
        batch.note(imported, RowEnding(RowStatus.IMPORTED, "01-09574-1-2024"))
        batch.note(rejected, RowEnding(RowStatus.REJECTED, faults=(FAULT, replace(FAULT, column="tax_code"))))
        left = path.read_bytes()
    path.write_bytes(left)

    earlier = read_earlier(path)
    assert earlier
    resumed = ImportBatch(earlier.batch, [row(2), row(3), row(4)], earlier.known)

    assert [each.row.number for each in resumed.to_file] == [4]
    assert endings(resumed) == [(2, "imported", "01-09574-1-2024"), (3, "rejected", ""), (4, "not-filed", "")]
    assert [each.column for each in resumed.filings[1].ending.faults] == ["stars", "tax_code"]


@pytest.mark.parametrize("content", ["", "\ufeffrow,batch\n", "no result\n"])
def test_where_nothing_was_filed_there_is_no_earlier_run(content: str, tmp_path: Path) -> None:
    path = tmp_path / "result.csv"
    path.write_text(content, "utf-8")

    assert read_earlier(path) is None
    assert read_earlier(tmp_path / "none.csv") is None


def test_a_dry_run_does_not_replace_what_was_filed() -> None:
    file = Path("office/san-pham.xlsx")

    assert result_of(file, dry_run=False) == Path("office/san-pham.xlsx.result.csv")
    assert result_of(file, dry_run=True) == Path("office/san-pham.xlsx.dry-run.csv")


@pytest.mark.parametrize(
    ("codes", "outcome", "faults"),
    [
        ([FilingFault.ALREADY_IMPORTED], RowStatus.IN_REGISTER, 0),
        ([FilingFault.CERTIFICATE_NUMBER_TAKEN], RowStatus.REJECTED, 1),
        ([FilingFault.ALREADY_IMPORTED, FilingFault.CERTIFICATE_NUMBER_TAKEN], RowStatus.REJECTED, 2),
    ],
)
def test_what_the_register_has_is_no_fault(codes: list[str], outcome: RowStatus, faults: int) -> None:
    (filing,) = ImportBatch("batch", [row(2)]).filings
    said = Bilingual(vi="…", en="…")
    answer = FilingRejected(
        filing_id="1",
        filing="certificate.imported",
        faults=tuple(Fault(pointer="/certificate/stars", code=code, message=said, product_code="c") for code in codes),
    )
    headers: Mapping[str, str] = {"stars": "Hạng"}

    ending = ending_of(answer, filing, headers)

    assert (ending.outcome, ending.product_code, len(ending.faults)) == (outcome, "c", faults)
    assert {(each.header, each.value) for each in ending.faults} <= {("Hạng", "4")}
