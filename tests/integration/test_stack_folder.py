"""A stack takes away what it has brought, and nothing else; no two of its servers get one port, and it keeps them."""

import socket
from pathlib import Path

import pytest

from tools.stack import LocalStack
from tools.stack.ports import KeptPorts, free_ports


def a_folder(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).mkdir(parents=True)
    return folder


def test_what_a_stack_kept_goes_and_what_else_lies_there_stays(tmp_path: Path) -> None:
    a_folder(tmp_path, "rabbitmq", "secantus", "logs", "mine")
    for file in ("ocop-stack", "ports.json"):
        (tmp_path / file).touch()

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


def ports(folder: Path) -> tuple[KeptPorts, list[str]]:
    said: list[str] = []
    return KeptPorts(folder / "ports.json", said.append), said


def test_the_ports_of_the_last_run_are_those_of_the_next(tmp_path: Path) -> None:
    first, _ = ports(tmp_path)
    given = {name: first[name] for name in ("broker", "database")}
    second, said = ports(tmp_path)

    assert {name: second[name] for name in ("database", "broker")} == given
    assert first["mail"] == ports(tmp_path)[0]["mail"]
    assert said == []


def test_connections_that_the_kernel_still_closes_take_no_port(tmp_path: Path) -> None:
    port = ports(tmp_path)[0]["broker"]
    with socket.create_server(("127.0.0.1", port)) as server:
        client = socket.create_connection(("127.0.0.1", port))
        server.accept()[0].close()  # who closes first waits
        client.close()

    assert ports(tmp_path)[0]["broker"] == port


def test_a_port_that_somebody_else_has_by_now_becomes_another_and_that_is_said(tmp_path: Path) -> None:
    port = ports(tmp_path)[0]["broker"]
    with socket.create_server(("127.0.0.1", port)):
        again, said = ports(tmp_path)
        another = again["broker"]

    assert another != port
    assert said == [f"Somebody else listens on port {port} by now: broker gets another one"]
    assert ports(tmp_path)[0]["broker"] == another


@pytest.mark.parametrize("content", ["", "{", "[1"])
def test_a_file_that_was_half_written_is_written_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "ports.json").write_text(content, "ascii")

    port = ports(tmp_path)[0]["broker"]

    assert ports(tmp_path)[0]["broker"] == port


def test_without_a_file_nothing_is_kept(tmp_path: Path) -> None:
    assert KeptPorts(None, print)["broker"] != KeptPorts(None, print)["broker"]
    assert list(tmp_path.iterdir()) == []
