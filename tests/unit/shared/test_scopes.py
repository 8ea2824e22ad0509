"""Who may file what of which place: role and kind, scope and place."""

from typing import Any

import pytest

from shared.contracts.catalogue import CATALOGUE, DOSSIER_FILED, INTAKE, PRODUCT_QUERY, PRODUCT_RATED, EventType
from shared.scopes import ANONYMOUS, EVERYWHERE, MAY_FILE, NONE, OPERATOR, Place, Role, Scope, allows


def scope(role: Role, *places: str) -> Scope:
    return Scope(role, frozenset(places))


SON_TAY, BA_VI, PHU_THO = Place("01", "09574"), Place("01", "09619"), Place("25", "07918")


@pytest.mark.parametrize(
    ("of", "dossiers", "questions"),
    [
        pytest.param(scope(Role.PORTAL, EVERYWHERE), [SON_TAY, BA_VI, PHU_THO], [SON_TAY, BA_VI, PHU_THO], id="portal"),
        pytest.param(scope(Role.PORTAL, "01"), [SON_TAY, BA_VI], [SON_TAY, BA_VI], id="portal of a province"),
        pytest.param(
            scope(Role.PORTAL, "01-09574", "25"), [SON_TAY, PHU_THO], [SON_TAY, PHU_THO], id="portal of both kinds"
        ),
        pytest.param(scope(Role.COMMUNE, "01-09574"), [SON_TAY], [SON_TAY], id="commune"),
        pytest.param(scope(Role.COMMUNE, "25-09574"), [], [], id="a commune's code behind another province"),
        pytest.param(scope(Role.PROVINCE, "25"), [PHU_THO], [PHU_THO], id="province"),
        pytest.param(scope(Role.CENTRE, EVERYWHERE), [], [SON_TAY, BA_VI, PHU_THO], id="centre"),
        pytest.param(OPERATOR, [SON_TAY, BA_VI, PHU_THO], [], id="operator"),
        pytest.param(ANONYMOUS, [SON_TAY, BA_VI, PHU_THO], [], id="anonymous"),
        pytest.param(NONE, [], [], id="nobody's"),
        pytest.param(scope(Role.UNKNOWN, EVERYWHERE), [], [], id="unknown, whatever the places"),
    ],
)
def test_role_and_place_decide(of: Scope, dossiers: list[Place], questions: list[Place]) -> None:
    def allowed(kind: EventType[Any]) -> list[Place]:
        return [place for place in (SON_TAY, BA_VI, PHU_THO) if allows(of, kind, place)]

    assert (allowed(DOSSIER_FILED), allowed(PRODUCT_QUERY)) == (dossiers, questions)


def test_every_kind_on_the_intake_has_a_row_and_no_other() -> None:
    assert set(MAY_FILE) == {kind for kind in CATALOGUE if kind.exchange == INTAKE}


@pytest.mark.parametrize("role", Role)
def test_what_services_announce_nobody_files(role: Role) -> None:
    assert not allows(scope(role, EVERYWHERE), PRODUCT_RATED, SON_TAY)


@pytest.mark.parametrize(
    ("of", "place", "reached"),
    [
        (scope(Role.COMMUNE, "01-09574"), Place("01"), True),
        (scope(Role.COMMUNE, "01-09574"), Place("25"), False),
        (scope(Role.PORTAL, EVERYWHERE), Place("99"), True),
        (scope(Role.COMMUNE, "01-09574"), Place(None, "09574"), True),
        (NONE, Place(None), False),
    ],
)
def test_what_is_not_known_of_a_place_does_not_count(of: Scope, place: Place, reached: bool) -> None:
    assert of.reaches(place) is reached


def test_a_product_s_code_begins_with_its_place() -> None:
    assert Place.of_code("01-09574-12-2026") == SON_TAY
