"""Which dossiers have to be answered before another is filed."""

from typing import Any

import pytest

from ops.dossiers.precedence import Precedence

CODE = "01-09574-1-2026"


def first(*, province: str = "01", commune: str = "09574") -> dict[str, Any]:
    return {"registration": "first", "product": {"province_code": province, "commune_code": commune}}


def upgrade(code: object = CODE) -> dict[str, Any]:
    return first() | {"registration": "upgrade", "product_code": code}


def before_the_last(*dossiers: dict[str, Any]) -> list[int]:
    """Return the places of those that the last one has to wait for."""
    precedence = Precedence[int]()
    return [precedence.before(place, dossier) for place, dossier in enumerate(dossiers)][-1]


def test_a_dossier_that_names_a_code_waits_for_the_first_registrations_of_that_commune() -> None:
    assert before_the_last(first(), first(commune="09556"), first(), upgrade()) == [0, 2]


def test_a_dossier_that_names_a_code_waits_for_those_that_named_it_before() -> None:
    assert before_the_last(upgrade(), upgrade("01-09574-2-2026"), upgrade()) == [0]


def test_the_commune_is_that_of_the_code_whatever_the_dossier_says_of_itself() -> None:
    assert before_the_last(first(), first(commune="09556"), upgrade("01-09556-1-2026")) == [1]


def test_a_first_registration_waits_for_nothing() -> None:
    assert before_the_last(first(), upgrade(), first()) == []


def test_what_is_filed_later_is_not_waited_for() -> None:
    precedence = Precedence[int]()

    assert precedence.before(0, upgrade()) == []
    assert precedence.before(1, first()) == []


@pytest.mark.parametrize(
    "strange", [{}, {"product": []}, {"product_code": 7}, upgrade(None), upgrade(""), upgrade("-")]
)
def test_what_is_no_dossier_waits_for_nothing(strange: dict[str, Any]) -> None:
    assert before_the_last(first(), strange) == []
