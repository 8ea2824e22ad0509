"""The program of the README does what the README says."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from ops.examples import FOLDER
from ops.stack import LocalStack
from tests.integration.dossiers import new_dossier
from tests.integration.portal import Portal

ROOT = Path(__file__).parents[2]


def program() -> str:
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    return str(block)


@pytest.mark.usefixtures("system")
async def test_the_program_files_a_dossier(stack: LocalStack, portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "file_dossier.py").write_text(program(), "utf-8")
    dossier = new_dossier(name=f"Kẹo lạc {uuid4()}")
    (tmp_path / "dossier.json").write_text(json.dumps(dossier), "utf-8")

    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "file_dossier.py", "dossier.json"),
        cwd=tmp_path,
        env=os.environ | {"OCOP_AMQP_URL": stack.credentials("integration.portal").amqp_url},
    )

    assert await run.wait() == 0
    await portal.until(lambda event: event.data.get("product_name") == dossier["product"]["name"])


def test_the_program_has_fifteen_lines_of_its_own() -> None:
    lines = [line for line in program().splitlines() if line.strip() and not line.startswith(("import", "from"))]

    assert len(lines) <= 15


def test_the_files_that_the_readme_names_are_there() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    links = re.findall(r"\]\((?!http)([^)#]+)\)", readme)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert (FOLDER / "01-banh-te-hung-van.json").exists()
