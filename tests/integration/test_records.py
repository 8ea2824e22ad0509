"""`ocop product`, `rating` and `alert show`: what is on record, and nobody's name."""

from dataclasses import dataclass

import pytest

from ops.stack import LocalStack
from tests.integration.dossiers import new_dossier
from tests.integration.operator import Operator, operator_of
from tests.integration.portal import SOURCE, Portal

NAME, PHONE, EMAIL = "Cơ sở của bà Hoa", "024 3383 0000", "hoa@example.vn"


@dataclass(frozen=True)
class Story:
    """A dossier that was filed, and the code that its product has."""

    dossier: str
    code: str


@pytest.fixture
def operator(stack: LocalStack) -> Operator:
    return operator_of(stack)


@pytest.fixture
async def story(portal: Portal) -> Story:
    """A dossier that was rated, and its producer told."""
    dossier = new_dossier(product_set=6)
    dossier["producer"] |= {"name": NAME, "contact": {"phone": PHONE, "email": EMAIL}}
    id = await portal.file(dossier)
    told = await portal.event(id, "alert.delivered")
    return Story(id, told.data["product_code"])


@pytest.fixture
async def rejected(portal: Portal) -> str:
    """The id of a dossier that was turned back."""
    id = await portal.file(new_dossier() | {"samples": 3})
    await portal.event(id, "alert.delivered")
    return id


async def test_a_product_is_found_by_its_code_and_by_its_dossier(operator: Operator, story: Story) -> None:
    by_code = await operator.ocop("product", "show", story.code, "--json")
    by_dossier = await operator.ocop("product", "show", story.dossier, "--json")

    assert by_code.code == 0
    assert by_code.lines == by_dossier.lines
    (product,) = by_code.lines
    assert (product["product_code"], product["province"], product["product_set"]) == (story.code, "Hà Nội", 6)
    (dossier,) = product["dossiers"]
    assert (dossier["id"], dossier["source"], dossier["outcome"]) == (story.dossier, SOURCE, "rated")
    assert (dossier["total"], dossier["stars"], dossier["faults"]) == (3, 1, [])


@pytest.mark.parametrize("what", ["product", "rating", "alert"])
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["people", "JSON"])
async def test_nobody_is_named(operator: Operator, story: Story, what: str, form: tuple[str, ...]) -> None:
    ran = await operator.ocop(what, "show", story.code, *form)

    assert ran.code == 0
    assert [value for value in (NAME, PHONE, EMAIL) if value in ran.text] == []


async def test_who_makes_it_is_shown_where_that_is_asked_for(operator: Operator, story: Story) -> None:
    for_people = await operator.ocop("product", "show", story.code, "--reveal")
    as_json = await operator.ocop("product", "show", story.code, "--reveal", "--json")

    producer = as_json.lines[0]["producer"]
    assert (producer["name"], producer["phone"], producer["email"]) == (NAME, PHONE, EMAIL)
    assert [value for value in (NAME, PHONE, EMAIL) if value not in for_people.text] == []


async def test_a_dossier_that_was_turned_back_says_why(operator: Operator, rejected: str) -> None:
    as_json = await operator.ocop("product", "show", rejected, "--json")
    for_people = await operator.ocop("product", "show", rejected)

    (product,) = as_json.lines
    assert (product["product_code"], product["producer"]) == (None, None)
    assert [fault["code"] for fault in product["dossiers"][0]["faults"]] == ["samples-wrong"]
    assert "No dossier was accepted" in for_people.text
    assert "samples-wrong" in for_people.text


async def test_a_rating_is_shown_whole(operator: Operator, story: Story) -> None:
    as_json = await operator.ocop("rating", "show", story.code, "--json")
    for_people = await operator.ocop("rating", "show", story.dossier)

    (rating,) = as_json.lines
    assert (rating["dossier_id"], rating["outcome"], rating["rating"]["total"]) == (story.dossier, "rated", 3)
    assert "recipient" not in rating["rating"]
    assert "3/100 points, 1 sao ★☆☆☆☆" in for_people.text


async def test_answers_that_do_not_fit_the_sheet_are_shown_as_faults(operator: Operator, portal: Portal) -> None:
    id = await portal.file(new_dossier() | {"self_assessment": {"eliminations": ["99"]}})
    await portal.event(id, "assessment.rejected")

    for_people = await operator.ocop("rating", "show", id)
    product = await operator.ocop("product", "show", id, "--json")

    assert "unknown-elimination" in for_people.text
    assert product.lines[0]["dossiers"][0]["outcome"] == "assessment-rejected"


async def test_an_alert_says_over_which_channel_and_how_it_ended(
    operator: Operator, story: Story, rejected: str
) -> None:
    told = await operator.ocop("alert", "show", story.code, "--json")
    turned_back = await operator.ocop("alert", "show", rejected)

    (alert,) = told.lines
    assert (alert["kind"], alert["channel"], alert["outcome"]) == ("product.rated", "email", "delivered")
    assert "dossier.rejected" in turned_back.text


@pytest.mark.parametrize("what", ["product", "rating", "alert"])
@pytest.mark.parametrize(
    ("asked", "further"),
    [("99-99999-1-2026", "ocop journal --product 99-99999-1-2026"), ("nobody", "ocop journal --correlation nobody")],
)
@pytest.mark.usefixtures("system")
async def test_where_nothing_is_on_record_it_says_where_to_look(
    operator: Operator, what: str, asked: str, further: str
) -> None:
    ran = await operator.ocop(what, "show", asked)

    assert (ran.code, ran.text) == (1, "")
    assert ran.errors.startswith(f"ocop: no {what} of {asked} is on record; {further}")


async def test_a_database_that_is_away_is_told_of(stack: LocalStack) -> None:
    away = Operator(stack.credentials("operator").amqp_url, mongo_url="mongodb://operator:secret@127.0.0.1:1/admin")

    ran = await away.ocop("rating", "show", "nobody")

    assert ran.code == 1
    assert ran.errors.startswith("ocop: MongoDB is away")
    assert "secret" not in ran.errors
