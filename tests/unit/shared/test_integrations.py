"""The file of integrations: scopes as they are written, and what is wrong with one in a line with its place."""

from pathlib import Path

import pytest

from ops.access.places import require_known_places
from shared.errors import SettingsError
from shared.integrations import load_integrations, read_integrations
from shared.scopes import EVERYWHERE, Role, Scope

LISTENS = "listens_to: [product.rated]"


def entry(scope: str) -> bytes:
    return f"son-tay:\n  scope: {scope}\n  {LISTENS}\n".encode()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{portal: everywhere}", Scope(Role.PORTAL, frozenset({EVERYWHERE}))),
        ('{portal: ["01", "25-07918"]}', Scope(Role.PORTAL, frozenset({"01", "25-07918"}))),
        ('{commune: ["01-09574"]}', Scope(Role.COMMUNE, frozenset({"01-09574"}))),
        ('{province: "01"}', Scope(Role.PROVINCE, frozenset({"01"}))),
        ("centre", Scope(Role.CENTRE, frozenset({EVERYWHERE}))),
    ],
)
def test_a_scope_is_a_role_with_its_places(written: str, read: Scope) -> None:
    assert read_integrations(entry(written))["son-tay"].scope == read


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("portal", "must be {portal: everywhere}"),
        ("{portal: }", "places must be a list of codes, or everywhere"),
        ("{commune: []}", "places must be a list of codes, or everywhere"),
        ("{commune: [01-09574, 7]}", '7 is not the code of a province or of a province and a commune; write "01"'),
        ('{portal: ["*"]}', "'*' is not the code of a province or of a province and a commune"),
        ("{province: 01}", '1 is not the code of a province; write "01", in quotation marks'),
        ('{province: "01-09574"}', "'01-09574' is not the code of a province"),
        ("{province: everywhere}", "'everywhere' is not the code of a province"),
        ("{centre: everywhere}", "must be {portal: everywhere}"),
        ('{portal: everywhere, province: "01"}', "must be {portal: everywhere}"),
        ("operator", "must be {portal: everywhere}"),
    ],
)
def test_a_scope_that_says_nothing_clear_is_refused_in_one_line(tmp_path: Path, written: str, says: str) -> None:
    file = tmp_path / "integrations.yaml"
    file.write_bytes(entry(written))

    with pytest.raises(SettingsError) as refused:
        load_integrations(file)

    assert f"{refused.value}".startswith(f"{file}: son-tay.scope: {says}")
    assert "\n" not in f"{refused.value}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (f"son-tay:\n  {LISTENS}\n".encode(), ": son-tay.scope: Field required"),
        (b"son-tay: {scope: centre, listens_to: [product.rated], scop: 1}", ": son-tay.scop: Extra inputs are not"),
        (b"- son-tay\n", ": Input should be a valid dictionary"),
        (b"son-tay:\n  scope: centre\n  scope: centre\n", ":2:3: 'scope' stands twice"),
        (b"son-tay: {scope: [\n", ":2:1: did not find expected node content"),
        (b"son-tay: \xff", ": not UTF-8 from byte 9 on"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_place(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "integrations.yaml"
    file.write_bytes(content)

    with pytest.raises(SettingsError) as refused:
        load_integrations(file)

    assert f"{refused.value}".startswith(f"{file}{says}")
    assert "\n" not in f"{refused.value}"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"/missing\.yaml: No such file or directory$"):
        load_integrations(tmp_path / "missing.yaml")


@pytest.mark.parametrize("place", ["99", "01-99999", "25-09574"])
def test_a_place_that_is_not_in_force_is_not_published(place: str) -> None:
    integrations = read_integrations(entry(f'{{portal: ["01", "01-09574", "{place}"]}}'))

    with pytest.raises(SettingsError, match=rf"son-tay\.scope: no province or commune in force has the code {place}$"):
        require_known_places(integrations)


def test_the_published_places_are_in_force() -> None:
    require_known_places(load_integrations())
