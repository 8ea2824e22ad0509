"""The file of scopes is read again when it changes; what cannot be used, or is half written, changes nothing."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shared.errors import SettingsError
from shared.scope_file import LOOK_SECONDS, ScopeFile
from shared.scope_settings import ScopeSettings, scopes_of
from shared.scopes import ANONYMOUS, NONE, OPERATOR, Role
from shared.settings import Settings, load_settings

HANOI = 'ha-noi: {scope: {province: "01"}, listens_to: [product.rated]}\n'
CENTRE = "centre: {scope: centre, listens_to: [product.rated]}\n"


class Clock:
    """A clock that stands until it is moved on."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "integrations.yaml"
    file.write_text(HANOI, "utf-8")
    return file


@pytest.fixture
def scopes(file: Path, clock: Clock) -> ScopeFile:
    return ScopeFile(file, anonymous=False, now=clock)


@pytest.fixture
def change(file: Path, clock: Clock) -> Callable[..., None]:
    """Write the file as of some time ago, and let the time pass after which it is looked at."""

    def write(content: str, *, seconds_ago: float = 3600) -> None:
        file.write_text(content, "utf-8")
        os.utime(file, (time.time() - seconds_ago,) * 2)
        clock.seconds += LOOK_SECONDS

    return write


def test_who_is_in_the_file_has_its_scope_and_others_have_none(scopes: ScopeFile) -> None:
    assert scopes.of("integration.ha-noi").role is Role.PROVINCE
    assert [scopes.of(user) for user in ("integration.x", "ha-noi", "admin", "", "registry")] == [NONE] * 5
    assert scopes.of("operator") == OPERATOR


@pytest.mark.parametrize(("allowed", "scope"), [(True, ANONYMOUS), (False, NONE)])
def test_who_does_not_say_its_user_may_file_where_a_setting_allows_it(file: Path, allowed: bool, scope: object) -> None:
    assert ScopeFile(file, anonymous=allowed).of(None) == scope


def test_a_change_holds_for_the_next_message_a_second_later(scopes: ScopeFile, change: Callable[..., None]) -> None:
    with capture_logs() as logged:
        change(CENTRE)

        assert scopes.of("integration.centre").role is Role.CENTRE
        assert scopes.of("integration.ha-noi") == NONE

    assert [(line["action"], line["integrations"]) for line in logged] == [("reload", 1)]


def test_within_a_second_the_file_is_not_looked_at_again(scopes: ScopeFile, file: Path, clock: Clock) -> None:
    file.write_text(CENTRE, "utf-8")
    clock.seconds += LOOK_SECONDS / 2

    assert scopes.of("integration.centre") == NONE


def test_what_is_just_being_written_waits_until_it_stays_the_same(
    scopes: ScopeFile, change: Callable[..., None], clock: Clock
) -> None:
    change("", seconds_ago=0)  # as between an editor's opening and its writing
    assert scopes.of("integration.ha-noi").role is Role.PROVINCE
    change(HANOI + CENTRE, seconds_ago=0)
    assert scopes.of("integration.centre") == NONE

    clock.seconds += LOOK_SECONDS

    assert scopes.of("integration.centre").role is Role.CENTRE


def test_a_broken_file_leaves_the_scopes_and_is_reported_once(
    scopes: ScopeFile, change: Callable[..., None], clock: Clock
) -> None:
    with capture_logs() as logged:
        change("ha-noi: {scope: nowhere, listens_to: [product.rated]}")
        for _ in range(3):
            assert scopes.of("integration.ha-noi").role is Role.PROVINCE
            clock.seconds += LOOK_SECONDS

    (line,) = logged
    assert (line["action"], line["log_level"]) == ("reload-fail", "error")
    assert line["reason"].startswith("ha-noi.scope: must be")


def test_a_file_that_is_gone_leaves_the_scopes_and_one_that_is_back_is_read(
    scopes: ScopeFile, file: Path, change: Callable[..., None], clock: Clock
) -> None:
    file.unlink()
    clock.seconds += LOOK_SECONDS
    assert scopes.of("integration.ha-noi").role is Role.PROVINCE

    change(CENTRE)

    assert scopes.of("integration.centre").role is Role.CENTRE


def test_a_broken_file_at_the_start_is_a_setting_that_cannot_work(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("ha-noi: {listens_to: [product.rated]}", "utf-8")
    monkeypatch.setenv("OCOP_AMQP_URL", "amqp://rabbitmq/")
    monkeypatch.setenv("OCOP_MONGO_URL", "mongodb://mongo/")
    monkeypatch.setenv("OCOP_INTEGRATIONS", str(file))

    with pytest.raises(SettingsError) as refused:
        load_settings(ScopeSettings)

    assert str(refused.value).endswith(f"{file}: ha-noi.scope: Field required")
    assert str(refused.value).startswith("OCOP_INTEGRATIONS: ")
    assert "\n" not in str(refused.value)


def test_the_scopes_outlive_the_connections(file: Path) -> None:
    """A file that breaks while broker or database is away must not end the service when they are back."""
    settings = ScopeSettings(_env_file=None, amqp_url="amqp://b", mongo_url="mongodb://d", integrations=file)
    scopes = scopes_of(settings)
    file.write_text("{", "utf-8")

    assert scopes_of(settings) is scopes


def test_another_service_has_no_scopes() -> None:
    with pytest.raises(SettingsError, match="OCOP_INTEGRATIONS"):
        scopes_of(Settings(_env_file=None, amqp_url="amqp://b", mongo_url="mongodb://d"))
