"""What the server answers, and to whom: only reading, only in its own name, and nothing that runs in a browser."""

import pytest

from ops.language import Language
from ops.operator_settings import AccessError
from ops.web.commands import HOST
from shared.errors import SettingsError
from tests.unit.ops.web.asking import MadeUp, get

PAGES = ("/", "/reports/statistics", "/reports/statistics.csv", "/products", "/style.css", "/none")


@pytest.mark.parametrize("path", PAGES)
async def test_every_answer_forbids_scripts_frames_copies_and_telling_others(path: str) -> None:
    headers = (await get(path)).headers

    policy = dict(each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Server"] == "ocop"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_pages_can_only_be_read(method: str) -> None:
    answer = await get("/products", method=method)

    assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")


async def test_who_asks_for_the_head_alone_gets_the_same_headers() -> None:
    headed, whole = await get("/products", method="HEAD"), await get("/products")

    assert (headed.status, headed.headers) == (200, whole.headers)


@pytest.mark.parametrize("name", ["127.0.0.1:8090", "127.0.0.1", "localhost:4000", "LOCALHOST", "[::1]:8090"])
async def test_on_this_machine_it_answers_to_this_machine_s_names(name: str) -> None:
    assert (await get("/", name=name)).status == 200


@pytest.mark.parametrize(
    "name",
    ["attacker.example:8090", "127.0.0.1.attacker.example", "localhost.attacker.example:8090", "192.168.1.9", None],
)
async def test_a_name_that_was_bent_to_this_machine_gets_nothing(name: str | None) -> None:
    answer = await get("/reports/statistics", name=name)

    assert answer.status == 421
    assert "1,234" not in answer.text


async def test_elsewhere_it_answers_to_the_name_that_the_office_gives_it() -> None:
    assert (await get("/", name="ocop.office.example", host="0.0.0.0")).status == 200


async def test_what_cannot_be_read_now_is_said_and_to_be_asked_for_again() -> None:
    source = MadeUp(failing=AccessError("MongoDB does not answer"))

    answer = await get("/reports/statistics", source)

    assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
    assert "MongoDB does not answer" in answer.text
    source.failing = None
    assert (await get("/reports/statistics", source)).status == 200


async def test_a_faulty_programme_is_no_matter_of_the_register_nor_of_a_moment() -> None:
    answer = await get("/reports/targets", MadeUp(failing=SettingsError("x.yaml: begins: no\nx.yaml: ends: no")))

    assert answer.status == 500
    assert "x.yaml: begins: no\nx.yaml: ends: no" in answer.text
    assert "register" not in answer.text
    assert "Retry-After" not in answer.headers


async def test_a_fault_of_ours_is_said_at_the_terminal_without_what_was_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = MadeUp(failing=ZeroDivisionError("of 0912 345 678"))

    answer = await get("/products?q=Nguy%E1%BB%85n+Th%E1%BB%8B+Lan", source)

    written = capsys.readouterr().err
    assert answer.status == 500
    assert written.startswith("ocop: /products: ZeroDivisionError in ")
    assert "Lan" not in written
    assert "0912" not in answer.text + written


@pytest.mark.parametrize("path", ["/none", "/reports/none", "/reports/statistics.exe", "/products/none", "/../etc"])
async def test_what_is_no_page_is_said_in_one(path: str) -> None:
    answer = await get(path)

    assert answer.status == 404
    assert answer.page.links[0] == "#content"


@pytest.mark.parametrize(
    ("path", "spoken", "language"),
    [
        ("/reports/statistics", Language.VI, "vi"),
        ("/reports/statistics", Language.EN, "en"),
        ("/reports/statistics?lang=vi", Language.EN, "vi"),
        ("/reports/statistics?lang=en", Language.VI, "en"),
        ("/reports/statistics?lang=fr", Language.VI, "vi"),
        ("/none?lang=vi", Language.EN, "vi"),
    ],
)
async def test_a_page_is_in_the_language_that_it_is_asked_in_else_the_command_s(
    path: str, spoken: Language, language: str
) -> None:
    answer = await get(path, language=spoken)

    assert answer.headers["Content-Language"] == language
    assert answer.page.all("html") == [{"lang": language}]


async def test_the_language_that_was_asked_for_goes_along() -> None:
    links = (await get("/reports/statistics?lang=vi&province=01")).page.links

    assert "/products?lang=vi" in links
    assert "/reports/statistics.xlsx?lang=vi&province=01" in links
    assert "/reports/statistics?lang=en&province=01" in links


def test_it_listens_on_this_machine_alone_unless_told_otherwise() -> None:
    assert HOST == "127.0.0.1"
