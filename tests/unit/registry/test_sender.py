"""Who may file a dossier of which place: what the registry answers, and what it keeps of who tried."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from services.registry.handlers import Registry, dossier_filed
from shared.contracts.catalogue import DOSSIER_FILED, DOSSIER_REJECTED, PRODUCT_SUBMITTED
from shared.contracts.event import Event
from shared.handling.outcome import Answered, DeadLetter
from tests.unit.handling import Bench
from tests.unit.registry.dossiers import ABSENT, changed

#: The dossiers of `changed` are of commune 09574 of Hà Nội.
FILE = """
portal: {scope: {portal: everywhere}, listens_to: [product.rated]}
ha-noi: {scope: {province: "01"}, listens_to: [product.rated]}
son-tay: {scope: {commune: ["01-09574"]}, listens_to: [product.rated]}
beside: {scope: {commune: ["01-09619"]}, listens_to: [product.rated]}
phu-tho: {scope: {province: "25"}, listens_to: [product.rated]}
centre: {scope: centre, listens_to: [product.rated]}
"""
PLACE = "/product/province_code", "/product/commune_code"


def filed(user: str | None, changes: Mapping[str, object] | None = None, *, id: str = "1") -> Event:
    data = changed(changes or {})
    return Event(id=id, source="/portals/test", type=DOSSIER_FILED.type, data=data, filed_by=user)


def bench_with(folder: Path, **settings: object) -> Bench:
    file = folder / "integrations.yaml"
    file.write_text(FILE, "utf-8")
    return Bench(integrations=file, **settings)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return bench_with(tmp_path)


@pytest.fixture
async def registry(bench: Bench) -> Registry:
    return await Registry.prepared(bench.resources)


def answers(bench: Bench) -> list[tuple[str, list[tuple[str, str]]]]:
    """Type, and pointer and code of each fault, of what was announced."""
    return [
        (event.type, [(fault["pointer"], fault["code"]) for fault in event.data.get("faults", ())])
        for event in bench.publisher.announced
    ]


@pytest.mark.parametrize(
    ("user", "role"),
    [
        ("integration.portal", "portal"),
        ("integration.ha-noi", "province"),
        ("integration.son-tay", "commune"),
        ("operator", "operator"),
        (None, "anonymous"),
    ],
)
async def test_a_dossier_of_the_sender_s_place_is_accepted_and_its_role_recorded(
    bench: Bench, registry: Registry, user: str | None, role: str
) -> None:
    assert isinstance(await dossier_filed(registry, filed(user)), Answered)

    assert answers(bench) == [(PRODUCT_SUBMITTED.type, [])]
    (record,) = bench.documents("products")
    assert (record["event"]["filed_by"], record["event"]["filed_as"]) == (user, role)
    assert "filed_as" not in str(bench.publisher.announced[0].data)


@pytest.mark.parametrize(
    ("user", "pointer", "role"),
    [
        ("integration.beside", "/product/commune_code", "commune"),
        ("integration.phu-tho", "/product/province_code", "province"),
        ("integration.centre", "", "centre"),
        ("integration.gone", "", "unknown"),
        ("admin", "", "unknown"),
    ],
)
async def test_a_dossier_outside_the_sender_s_scope_is_turned_back_and_who_tried_is_recorded(
    bench: Bench, registry: Registry, user: str, pointer: str, role: str
) -> None:
    assert isinstance(await dossier_filed(registry, filed(user)), Answered)

    assert answers(bench) == [(DOSSIER_REJECTED.type, [(pointer, "out-of-scope")])]
    assert bench.publisher.announced[0].data["sealed_recipient"] is None
    (record,) = bench.documents("products")
    assert (record["outcome"], record["event"]["filed_by"], record["event"]["filed_as"]) == ("rejected", user, role)


async def test_where_the_anonymous_may_not_file_a_dossier_without_a_user_is_out_of_scope(tmp_path: Path) -> None:
    bench = bench_with(tmp_path, anonymous_dossiers=False)
    await dossier_filed(await Registry.prepared(bench.resources), filed(None))

    assert answers(bench) == [(DOSSIER_REJECTED.type, [("", "out-of-scope")])]
    (record,) = bench.documents("products")
    assert (record["event"]["filed_by"], record["event"]["filed_as"]) == (None, "unknown")


async def test_out_of_scope_the_register_is_not_asked(bench: Bench, registry: Registry) -> None:
    await dossier_filed(registry, filed("integration.son-tay"))
    known = {"/registration": "upgrade", "/product_code": "01-09574-1-2026"}
    unknown = {"/registration": "upgrade", "/product_code": "01-09574-2-2026"}
    for number, changes in enumerate(({}, known, unknown)):
        assert isinstance(
            await dossier_filed(registry, filed("integration.phu-tho", changes, id=f"x{number}")), Answered
        )

    _, *rejected = answers(bench)
    found = [[(pointer, code) for pointer, code in faults if "document" not in code] for _, faults in rejected]
    assert found == [[("/product/province_code", "out-of-scope")]] * 3


async def test_the_dossier_s_own_faults_are_named_with_it(bench: Bench, registry: Registry) -> None:
    await dossier_filed(registry, filed("integration.phu-tho", {"/samples": 4}))

    assert answers(bench)[0][1] == [("/product/province_code", "out-of-scope"), ("/samples", "samples-wrong")]


@pytest.mark.parametrize(
    ("user", "out_of_scope"), [("integration.phu-tho", False), ("integration.son-tay", False), ("admin", True)]
)
async def test_of_a_place_that_cannot_be_read_only_the_contract_is_held_against_the_sender(
    bench: Bench, registry: Registry, user: str, out_of_scope: bool
) -> None:
    outcome = await dossier_filed(registry, filed(user, {"/product/province_code": ABSENT}))

    assert isinstance(outcome, DeadLetter)
    assert (("", "out-of-scope") in answers(bench)[0][1]) is out_of_scope


async def test_a_repeat_gets_the_first_answer_whoever_sends_it(bench: Bench, registry: Registry) -> None:
    await dossier_filed(registry, filed("integration.son-tay"))
    await dossier_filed(registry, filed("integration.phu-tho"))

    first, again = bench.publisher.announced
    assert first == again
    assert len(bench.documents("products")) == 1


async def test_what_is_brought_back_with_its_code_gets_it_whatever_the_scopes_are_by_now(
    bench: Bench, registry: Registry
) -> None:
    event = replace(filed("integration.gone"), refiled_as="01-09574-7-2026")

    await dossier_filed(registry, event)

    assert [event.data["product_code"] for event in bench.publisher.announced] == ["01-09574-7-2026"]
