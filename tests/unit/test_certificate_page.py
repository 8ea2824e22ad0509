"""Whoever checks certificates finds in docs/contract.md what there is in a token, and a program that works."""

import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature

from shared.certificate_token import CertificateClaims, Refusal, published_keys
from tests.unit.certificate_keys import SIGNING_KEYS, TOKEN

PAGE = (Path(__file__).parents[2] / "docs" / "contract.md").read_text("utf-8").split("## Certificates that anyone")[1]


def test_every_claim_stands_on_the_page_and_no_other() -> None:
    table = PAGE.split("| claim | what |")[1].split("\n\n")[0]
    named = [name for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall("`(.*?)`", cell)]

    assert named == [field.alias or name for name, field in CertificateClaims.model_fields.items()]


def test_every_reason_of_a_refusal_stands_on_the_page_and_no_other() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \|", PAGE.split("| refused as |")[1], re.MULTILINE) == list(Refusal)


def test_the_program_of_the_page_checks_a_token() -> None:
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(program, "contract.md", "exec"), names)
    header, payload, signature = TOKEN.split(".")

    claims = names["certificate"](TOKEN, published_keys(SIGNING_KEYS))

    assert CertificateClaims.model_validate(claims).product_name == "Bánh tẻ Hưng Vân"
    with pytest.raises(InvalidSignature):
        names["certificate"](f"{header}.{payload[:-4]}AAAA.{signature}", published_keys(SIGNING_KEYS))
