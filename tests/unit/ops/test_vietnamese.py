"""Offices' commands speak Vietnamese: all that they say is in the catalogue, and what is for programs stays."""

import ast
import json
import re
import unicodedata
from collections.abc import Iterator
from gettext import GNUTranslations, NullTranslations
from io import StringIO
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ops import language
from ops.certificates import held as held_certificates
from ops.dossiers.checking import check
from ops.dossiers.files import read_dossier
from ops.history import falling_due
from ops.history.life import life_of
from ops.history.records import read_record
from ops.language import Language, Message, language_of, speaking
from ops.rated import print_rating
from services.evaluation.rulebook import load_sheet
from services.registry.rounds import CertificateStatus
from services.registry.stages import STAGES
from shared.contracts.dossier import ProducerKind, RegistrationKind
from shared.contracts.text import Bilingual
from shared.faults.names import VALUES
from tests.unit.ops.test_widths import DETAIL, NOW, SHOWN, Show
from tools.cli import app
from tools.translations import MO, marked_texts, translations

ROOT = Path(__file__).parents[3]
EXAMPLE = "examples/dossiers/01-banh-te-hung-van.json"
CATALOGUE = {message.id: message for message in translations() if message.id}


def said(id: Any) -> str:
    """Return how a text of the catalogue reads in Vietnamese."""
    string: Any = CATALOGUE[id].string
    return string if isinstance(string, str) else str(string[0])


#: What has Vietnamese words to know what a cell says, and prints nothing.
_READERS = ("cells", "places")
#: What offices' commands print from. Of the others only what is shared with them is translated.
MODULES = sorted(
    {
        *(ROOT / "ops/dossiers").glob("*.py"),
        *(ROOT / "ops/find").glob("*.py"),
        *(ROOT / "ops/reports").glob("*.py"),
        *(ROOT / "ops/reports/town").glob("*.py"),
        *({*(ROOT / "ops/importing").glob("*.py")} - {ROOT / f"ops/importing/{name}.py" for name in _READERS}),
        *(ROOT / "ops/sheets").glob("*.py"),
        *(ROOT / "ops/web").glob("*.py"),
        *(ROOT / f"ops/{name}.py" for name in ("places", "rated", "report", "broker_access", "database_reader")),
        *(
            ROOT / f"ops/history/{name}.py"
            for name in ("due", "explaining", "falling_due", "life", "products", "records", "register", "show")
        ),
        *(ROOT / f"ops/history/{name}.py" for name in ("waiting", "whole", "wording")),
    }
)
#: How the names begin of what prints as their commands do.
SHOWN_TO_OFFICES = (
    "submit",
    "dry_run",
    "score",
    "product",
    "rating",
    "alert",
    "due",
    "sheets",
    "find",
    "places",
    "list",
    "report",
)
KINDS = {code: VALUES[code] for code in (*RegistrationKind, *ProducerKind)}
_MARKS = {"_", "gettext", "ngettext", "marked", "Message"}
#: Calls whose texts nobody reads, or that the help's own test covers.
_UNSEEN = {"Option", "Argument", "Typer", "compile", "TypeError", "ValueError", "Bilingual", "StrEnum"}


def vi(*arguments: str, **environment: str) -> str:
    shown = CliRunner().invoke(app, [*arguments], prog_name="ocop", env={"COLUMNS": "120", **environment})
    return shown.output


def names_in(text: str) -> set[str]:
    return {f"{name}:{form}" for _, name, form, _ in Formatter().parse(text) if name is not None}


def test_every_text_is_in_the_catalogue_and_no_other() -> None:
    assert {one if not many else (one, many) for one, many in marked_texts()} == set(CATALOGUE)


@pytest.mark.parametrize("id", CATALOGUE, ids=lambda text: str(text)[:40])
def test_a_text_is_translated_with_the_same_values_in_it(id: str | tuple[str, ...]) -> None:
    message = CATALOGUE[id]
    one, *_ = (id,) if isinstance(id, str) else id
    translated = said(id)

    assert translated
    assert not message.fuzzy
    assert names_in(translated) == names_in(one)
    assert unicodedata.is_normalized("NFC", translated)
    assert (translated[:1] == " ", translated[-1:] == " ") == (one[:1] == " ", one[-1:] == " ")
    assert set(re.findall(r"--[a-z]+|`[^`]+`|[a-z]+_[a-z_]+", one)) <= set(
        re.findall(r"--[a-z]+|`[^`]+`|[a-z]+_[a-z_]+", translated)
    )


def test_what_is_compiled_is_what_is_written() -> None:
    with MO.open("rb") as file:
        compiled = GNUTranslations(file)

    for id in CATALOGUE:
        if isinstance(id, str):
            assert compiled.gettext(id) == said(id)
        else:
            assert compiled.ngettext(id[0], id[1], 2) == said(id)


#: A style, a command, connections' names, how a row of sums begins, and what stands beside its Vietnamese.
NO_SENTENCES = {
    *("Be Vietnam Pro", "bold red", "ocop product show ", "ocop submit", "ocop import", "tong cong", "tong so"),
    *("the last day has passed", "the last day is near"),
}


def unmarked(module: Path) -> Iterator[str]:
    """Yield the sentences of a module that are neither marked nor documentation."""
    tree = ast.parse(module.read_text("utf-8"))
    unseen: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            unseen.add(id(node.value))
        elif isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in _MARKS | _UNSEEN:
                unseen |= {id(each) for each in ast.walk(node) if isinstance(each, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unseen:
            yield from [node.value] if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", node.value) else []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_sentence_is_unmarked(module: Path) -> None:
    assert set(unmarked(module)) - NO_SENTENCES == set()


def test_the_headings_of_tables_are_marked() -> None:
    """Whatever is given to a table as a heading or a title."""
    found = []
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"table", "uncut", "right"}:
                values = [*node.args, *(each.value for each in node.keywords if each.arg == "title")]
                found += [v.value for v in values if isinstance(v, ast.Constant) and v.value]

    assert found == []


class Dotted(NullTranslations):
    """A language in which every letter is a dot: what is read in it was not translated, or is data."""

    def gettext(self, message: str) -> str:
        return re.sub(r"\{[^}]*\}|[^\W\d_]", lambda found: found[0] if found[0][0] == "{" else "·", message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def words(text: str) -> set[str]:
    return {
        found.strip("()“”,.:;").lower() for found in text.split() if re.fullmatch(r"[(“]?[A-Za-z]{3,}[,.:;)”]*", found)
    }


#: Words of ours that are none of Vietnamese: one of them in what is printed was not translated.
ENGLISH = words(" ".join(text for one in CATALOGUE for text in ([one] if isinstance(one, str) else one)))
ENGLISH -= words(" ".join(map(said, CATALOGUE))) | words(DETAIL)  # which is a server's, and data
#: In the data of these tests: codes of a stage and of a number, as programs get them, and a word of a score sheet.
ENGLISH -= {"email", "returned", "certified", "may"}


@pytest.mark.parametrize("width", [60, 160])
@pytest.mark.parametrize("show", [each for each in SHOWN if each.__name__.startswith(SHOWN_TO_OFFICES)])
def test_no_word_of_a_table_is_unmarked(show: Show, width: int) -> None:
    console = Console(file=StringIO(), width=width)
    token = language._spoken.set(Dotted())
    try:
        show(console)
    finally:
        language._spoken.reset(token)

    assert words(console.file.getvalue()) & ENGLISH == set()  # type: ignore[attr-defined]


@pytest.mark.parametrize("codes", [STAGES, KINDS, held_certificates._STATUS])
def test_a_code_is_called_as_elsewhere(codes: dict[str, tuple[str, str]]) -> None:
    called = {str(code): vietnamese for code, (vietnamese, _) in codes.items()}

    assert {code: said(code) for code in called} == called


@pytest.mark.parametrize("codes", [falling_due._OFFICE, falling_due._HALF_YEARLY, falling_due._RENEWAL])
def test_what_falls_due_is_called_as_in_the_list_of_it(codes: dict[str, Bilingual]) -> None:
    known = {str(code): each.vi for code, each in codes.items() if code != "re-evaluation"}

    assert {code: said(code) for code in known} == known


def test_an_extended_certificate_is_called_as_in_the_mail_to_its_producer() -> None:
    """`gia hạn` is what many say of a renewal, which is another thing: evaluated anew, and a certificate of its own."""
    mails = " ".join(each.read_text("utf-8") for each in (ROOT / "services/notifications").rglob("*.jinja"))
    called = (*(vietnamese for vietnamese, _ in held_certificates._STATUS.values()), *map(said, CATALOGUE))
    falling_due_vi = (each.vi for each in (falling_due._RENEWAL | falling_due._ENDS).values())

    assert "được kéo dài" in mails
    assert "gia hạn" not in mails
    assert "gia hạn" not in (ROOT / "ops/certificates/printing.py").read_text("utf-8")
    assert held_certificates._STATUS[CertificateStatus.EXTENDED][0] == "được kéo dài"
    assert [each for each in (*called, *falling_due_vi) if "gia hạn" in each and "chứng thư" not in each] == []


@pytest.mark.parametrize(
    ("environment", "spoken"),
    [
        ({}, Language.EN),
        ({"LANG": "vi_VN.UTF-8"}, Language.VI),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "C.UTF-8"}, Language.EN),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "vi"}, Language.VI),
        ({"LC_ALL": "en_US.UTF-8", "OCOP_LANG": "vi"}, Language.VI),
        ({"LC_ALL": "", "LANG": "vi_VN"}, Language.VI),
        ({"LANG": "vis_VN"}, Language.EN),
    ],
)
def test_the_first_setting_says_the_language(environment: dict[str, str], spoken: Language) -> None:
    assert language_of(environment) is spoken


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--lang", "vi", "due", "--help"], {}),
        (["due", "--help"], {"OCOP_LANG": "vi"}),
        (["--lang", "vi", "due", "--help"], {"OCOP_LANG": "en"}),
    ],
)
def test_help_is_in_the_language_that_was_asked_for(arguments: list[str], environment: dict[str, str]) -> None:
    shown = vi(*arguments, **environment)

    assert "Cách dùng: ocop due [TÙY CHỌN]" in shown
    assert "Ví dụ: ocop due --within 60d" in shown
    assert "Usage" not in shown


def test_one_command_in_vietnamese_leaves_the_next_in_english() -> None:
    vi("--lang", "vi", "--help")

    assert "Usage: ocop" in vi("--lang", "en", "--help")
    assert "Usage: ocop" in vi("--help", OCOP_LANG="en")


def test_a_rating_reads_in_vietnamese_alone() -> None:
    rating = check(load_sheet, read_dossier(ROOT / EXAMPLE)).rating
    assert rating
    console = Console(file=StringIO(), width=160)
    with speaking(Language.VI):
        print_rating(console, rating)
    shown = console.file.getvalue()  # type: ignore[attr-defined]

    assert "82/100 điểm, 3 sao" in shown
    assert not re.search(r"\b(points|criterion|label|with|the)\b", shown, re.IGNORECASE)


def test_what_is_for_programs_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    english, vietnamese = (vi("--lang", each, "places", "Đường Lâm", "--csv") for each in ("en", "vi"))
    scored = [json.loads(vi("--lang", each, "score", "Makefile", "--json")) for each in ("en", "vi")]

    assert english == vietnamese
    assert scored[0] == scored[1]
    assert scored[0]["reason"].startswith("is no YAML")


def test_a_message_is_english_to_programs_and_vietnamese_to_people() -> None:
    message = Message("round {number}", number=3)

    with speaking(Language.VI):
        assert (message, message.spoken) == ("round 3", "lượt đánh giá 3")


def test_a_move_of_a_round_is_told_in_vietnamese_and_the_same_to_programs() -> None:
    event = {
        "type": "vn.ocop.round.moved.v1",
        "data": {"round": 1, "from_stage": "at-commune", "to_stage": "closed", "closing": "withdrawn", "due_on": None},
    }
    recorded = {"event": {"id": "e", "correlation_id": "c"}, "recorded_at": NOW, "announced": [event | {"id": "a"}]}
    with speaking(Language.VI):
        (moment,) = life_of([read_record("registry", recorded)], [])

    assert moment.spoken == "lượt đánh giá 1, đang ở cấp xã, chờ xã đánh giá → đã kết thúc, đã rút hồ sơ"
    assert moment.as_json()["says"] == "round 1, at-commune → closed, withdrawn"


def test_what_was_not_found_is_said_in_vietnamese() -> None:
    shown = vi("--lang", "vi", "places", "Không Có Nơi Này")

    assert shown == "ocop: không có tỉnh hay xã nào có mã hoặc tên Không Có Nơi Này\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("find", "Thiếu tham số 'TEXT'."),
        ("find a b", "Thừa tham số (b)"),
        ("find --foo a", "Không có tùy chọn --foo (có thể là: --folder)"),
        ("nope", "Không có lệnh 'nope'."),
        ("product nope", "Không có lệnh 'nope'."),
        ("product list --set", "Tùy chọn '--set' cần một giá trị."),
        ("product list --stars 9", "Giá trị của '--stars' không hợp lệ: không được quá 5"),
        ("sheets show x", "Giá trị của 'N' không hợp lệ: phải là số nguyên"),
        ("submit x --patience 0", "Giá trị của '--patience' không hợp lệ: phải từ 1 trở lên"),
        ("submit x --batch 1", "Giá trị của '--batch' không hợp lệ: phải là một UUID hợp lệ (invalid length: found 1)"),
        ("rating explain x --lang fr", "Giá trị của '--lang' không hợp lệ: 'fr' không thuộc 'vi', 'en', 'both'."),
        ("find a --json=3", "Tùy chọn '--json' không nhận giá trị."),
    ],
)
def test_a_wrong_command_line_is_told_in_vietnamese(line: str, said: str) -> None:
    assert said in vi("--lang", "vi", *line.split())


def test_a_wrong_command_line_is_told_in_english_to_everybody_else() -> None:
    assert "Missing argument 'TEXT'." in vi("--lang", "en", "find")
