"""The `ocop` command beside a stack that is up, or is not."""

import asyncio
import subprocess
import sys
from pathlib import Path

from tools.stack import LocalStack

ROOT = Path(__file__).parents[2]


async def ocop(*arguments: str) -> tuple[int | None, str]:
    """Run the command and return its exit code and what it printed."""
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tools.cli", *arguments), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output, _ = await run.communicate()
    return run.returncode, output.decode()


async def test_the_queues_of_the_stack_are_shown(stack: LocalStack, tmp_path: Path) -> None:
    (tmp_path / "operator.env").write_text(
        f"OCOP_OPERATOR_AMQP_URL={stack.credentials('operator').amqp_url}\n", "ascii"
    )

    code, shown = await ocop("queues", "--folder", str(tmp_path))

    assert code == 0
    assert "registry.life" in shown


async def test_where_nothing_is_up_it_says_how_to_start(tmp_path: Path) -> None:
    code, shown = await ocop("queues", "--folder", str(tmp_path))

    assert code == 1
    assert "start it with `make up`" in shown


async def test_a_folder_that_is_not_a_stacks_is_left_alone(tmp_path: Path) -> None:
    letter = tmp_path / "mail" / "a letter"
    letter.parent.mkdir()
    letter.write_text("keep me", "ascii")

    code, shown = await ocop("demo", "--folder", str(tmp_path))

    assert code == 1
    assert "is not a local stack's" in shown
    assert letter.read_text("ascii") == "keep me"


async def test_help_names_the_commands() -> None:
    code, shown = await ocop("--help")

    assert code == 0
    assert all(command in shown for command in ("demo", "up", "queues"))
