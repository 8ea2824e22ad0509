"""A stack takes away what it has brought, and nothing else; no two of its servers get one port."""

from pathlib import Path

from tools.stack import LocalStack
from tools.stack.ports import free_ports


def a_folder(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).mkdir(parents=True)
    return folder


def test_what_a_stack_kept_goes_and_what_else_lies_there_stays(tmp_path: Path) -> None:
    a_folder(tmp_path, "rabbitmq", "secantus", "logs", "mine")
    (tmp_path / "ocop-stack").touch()

    LocalStack(tmp_path).discard()

    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]


def test_a_folder_in_which_nothing_else_lies_goes_too(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "stack", "secantus")
    (folder / "ocop-stack").touch()

    LocalStack(folder).discard()

    assert not folder.exists()


def test_in_a_folder_that_is_no_stacks_everything_stays(tmp_path: Path) -> None:
    a_folder(tmp_path, "secantus", "logs")

    LocalStack(tmp_path).discard()

    assert {entry.name for entry in tmp_path.iterdir()} == {"secantus", "logs"}


def test_no_port_is_given_twice() -> None:
    given = [free_ports(1)[0] for _ in range(500)]

    assert len(set(given)) == 500
