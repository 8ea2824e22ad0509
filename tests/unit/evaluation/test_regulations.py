"""Regulations of councils are data: the defaults, an office's own, and what is wrong with one."""

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.evaluation.regulations import DEFAULTS, RegulationsError, load_regulations
from services.evaluation.settings import EvaluationSettings
from tests.unit.evaluation.councils import Chamber, codes, regulation

DEFAULT = (DEFAULTS / "province-default.yaml").read_text(encoding="utf-8")
TODAY = date(2026, 11, 28)


def written(folder: Path, text: str, name: str = "ninh-binh.yaml") -> Path:
    folder.joinpath(name).write_text(text, encoding="utf-8")
    return folder


OWN = DEFAULT.replace("id: province-default", "id: ninh-binh").replace("share: 3/4", "share: 2/3")


def test_the_defaults_say_where_each_rule_was_read_and_how_sure_that_is() -> None:
    for each in load_regulations().all:
        rules = (each.quorum, each.presiding, each.spread, each.rescoring, each.minimums, each.eliminations)
        assert all(rule.source and rule.certainty in "VRI" for rule in rules)


@pytest.mark.parametrize(
    ("id", "members", "needed"),
    [
        pytest.param("province-default", 3, 3, id="3/4 of 3"),
        pytest.param("province-default", 4, 3, id="3/4 of 4"),
        pytest.param("province-default", 9, 7, id="3/4 of 9"),
        pytest.param("centre-default", 7, 5, id="5 of 7"),
    ],
)
def test_the_quorum_of_the_defaults(id: str, members: int, needed: int) -> None:
    assert regulation(id).quorum.needed(members) == needed


def test_an_offices_own_regulation_stands_beside_the_defaults(tmp_path: Path) -> None:
    regulations = load_regulations(written(tmp_path, OWN))

    assert regulations.ids == ("centre-default", "ninh-binh", "province-default")
    own = regulations.on("ninh-binh", TODAY)
    assert own
    assert own.quorum.needed(3) == 2


def test_of_several_versions_the_one_of_the_day_counts(tmp_path: Path) -> None:
    written(tmp_path, DEFAULT.replace("2026-05-22", "2026-12-01").replace("share: 3/4", "share: 2/3"))
    regulations = load_regulations(tmp_path)

    before, after = regulations.on("province-default", TODAY), regulations.on("province-default", date(2026, 12, 1))
    assert before
    assert after
    assert (before.quorum.share, after.quorum.share) == ("3/4", "2/3")
    assert regulations.on("province-default", date(2026, 5, 21)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(OWN.replace("share: 2/3", "share: 4/3"), "ninh-binh.yaml: quorum: share is above", id="above 1"),
        pytest.param(OWN.replace("share: 2/3", "share: 75 %"), "ninh-binh.yaml: quorum.share:", id="no fraction"),
        pytest.param(OWN.replace("share: 2/3", "count: 5\n  share: 2/3"), "share or count, and not both", id="both"),
        pytest.param(OWN.replace("largest: 10", "largest: 101"), "ninh-binh.yaml: spread.largest:", id="above 100"),
        pytest.param(
            OWN.replace("certainty: R", "certainty: X", 1), "ninh-binh.yaml: quorum.certainty:", id="certainty"
        ),
        pytest.param(OWN.replace("judged_by: agreed", "judged_by: chair"), "minimums.judged_by:", id="no such way"),
        pytest.param(
            OWN.replace("declared_by: conclusion", "declared_by: members"), "members says how many", id="many"
        ),
        pytest.param(OWN + "stars: 5\n", "ninh-binh.yaml: stars: Extra inputs", id="a field that nobody reads"),
        pytest.param(OWN.replace("level: province\n", ""), "ninh-binh.yaml: level: Field required", id="no level"),
        pytest.param("id: [", "ninh-binh.yaml: while parsing", id="no YAML"),
        pytest.param(OWN.replace("Quy chế", "Quy che\u0302\u0301"), "not in Unicode form NFC", id="decomposed"),
        pytest.param(DEFAULT, "province-default of 2026-05-22 stands in province-default.yaml already", id="twice"),
    ],
)
def test_a_regulation_that_does_not_hold_is_named_by_file_and_field(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(RegulationsError, match=r"ninh-binh\.yaml") as caught:
        load_regulations(written(tmp_path, text))

    assert said in str(caught.value)


def test_a_service_does_not_start_with_a_regulation_that_does_not_hold(tmp_path: Path) -> None:
    folder = written(tmp_path, OWN.replace("share: 2/3", "share: 4/3"))

    with pytest.raises(ValidationError, match=r"ninh-binh.yaml: quorum: share is above the whole: 4/3"):
        EvaluationSettings(_env_file=None, amqp_url="amqp://broker", mongo_url="mongodb://database", regulations=folder)


async def test_a_session_works_by_the_regulation_that_it_names(tmp_path: Path) -> None:
    chamber = await Chamber.opened(regulations=written(tmp_path, OWN))
    await chamber.sit(80, 80, regulation="ninh-binh")

    answer = await chamber.conclude(["m1", "m2"])

    assert (answer.data["counted"], answer.data["regulation"]) == (2, "ninh-binh, mặc định, 2026-05-22")


async def test_a_regulation_that_is_not_in_force_yet_is_unknown(tmp_path: Path) -> None:
    chamber = await Chamber.opened(regulations=written(tmp_path, OWN.replace("2026-05-22", "2027-01-01")))
    await chamber.move()

    (answer,) = await chamber.convene(regulation="ninh-binh")

    assert codes(answer) == [("/regulation", "regulation-unknown")]
