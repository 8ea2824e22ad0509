"""`ocop certificate verify` beside a register: what it has announced of a certificate since its issue counts."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from shared.certificate_token import CertificateClaims, Signer
from shared.storage import database_of
from shared.system import SYSTEM
from tests.integration.operator import Operator, Ran, operator_of
from tests.unit.certificate_keys import CLAIMS
from tools.stack import LocalStack

CERTIFICATE = CLAIMS.model_copy(
    update={"product_code": "01-09574-900001-2026", "issued_on": date(2026, 1, 1), "last_day": date(2126, 1, 1)}
)
ISSUED = {
    "product_code": CERTIFICATE.product_code,
    "product_name": CERTIFICATE.product_name,
    "producer_name": "Hợp tác xã Hưng Vân",
    "certificate": {
        "number": CERTIFICATE.number,
        "stars": CERTIFICATE.stars,
        "authority": "province",
        "decision": {"number": CERTIFICATE.decision_number, "date": CERTIFICATE.decision_date.isoformat()},
        "issued_on": CERTIFICATE.issued_on.isoformat(),
        "last_day": CERTIFICATE.last_day.isoformat(),
    },
}
REVOKED = ISSUED | {
    "ground": "d",
    "reason": "Sử dụng sai nhãn hiệu",
    "revocation": {"number": "88/QĐ-UBND", "date": "2026-11-20"},
    "concluded_on": "2026-11-10",
}


@asynccontextmanager
async def recorded(stack: LocalStack, *announced: tuple[str, dict[str, Any]]) -> AsyncIterator[None]:
    """Put on record, for the length of a block, what a registry announces: a record for each event."""
    records = [_record(number, kind, data) for number, (kind, data) in enumerate(announced)]
    async with AsyncMongoClient[dict[str, Any]](stack.mongo_url) as client:
        register = client[database_of("registry")][SYSTEM.collections["registry"]]
        await register.insert_many(records)
        try:
            yield
        finally:
            await register.delete_many({"_id": {"$in": [record["_id"] for record in records]}})


def _record(minute: int, kind: str, data: dict[str, Any]) -> dict[str, Any]:
    story = str(uuid4())
    return {
        "_id": str(uuid4()),
        "recorded_at": datetime(2026, 11, 20, 8, minute, tzinfo=UTC),
        "event": {"id": story, "source": "/offices/ha-noi", "correlation_id": story},
        "product_code": data["product_code"],
        "dead_letter": None,
        "announced": [{"id": str(uuid4()), "type": f"vn.ocop.{kind}.v1", "data": data}],
    }


@pytest.fixture
def operator(stack: LocalStack) -> Operator:
    found = operator_of(stack)
    found.environment["OCOP_CERTIFICATE_JWKS"] = stack.credentials("operator").certificate_jwks or ""
    return found


async def verified(stack: LocalStack, operator: Operator, claims: CertificateClaims, *options: str) -> Ran:
    """Check a certificate that this stack's registry would sign."""
    token = Signer.of(stack.credentials("registry").certificate_keys or "").sign(claims)
    return await operator.ocop("certificate", "verify", token, "--json", *options)


async def test_a_certificate_in_force_is_valid_by_the_register_too(stack: LocalStack, operator: Operator) -> None:
    async with recorded(stack, ("certificate.issued", ISSUED)):
        ran = await verified(stack, operator, CERTIFICATE)

    [said] = ran.lines
    assert (ran.code, said["standing"], said["looked_up"]) == (0, "in-force", True), ran.errors


async def test_a_revoked_certificate_is_not_valid_though_its_signature_is_right(
    stack: LocalStack, operator: Operator
) -> None:
    async with recorded(stack, ("certificate.issued", ISSUED), ("certificate.revoked", REVOKED)):
        online = await verified(stack, operator, CERTIFICATE)
        without = await verified(stack, operator, CERTIFICATE, "--offline")

    assert online.code == 1
    assert (online.lines[0]["standing"], online.lines[0]["by"]) == ("revoked", "88/QĐ-UBND")
    assert (without.code, without.lines[0]["looked_up"]) == (0, False)


async def test_what_a_stolen_key_has_signed_is_not_on_record(stack: LocalStack, operator: Operator) -> None:
    forged = CERTIFICATE.model_copy(update={"number": "999/2026"})
    async with recorded(stack, ("certificate.issued", ISSUED)):
        ran = await verified(stack, operator, forged)

    assert (ran.code, ran.lines[0]["standing"]) == (1, "not-on-record")


async def test_a_record_of_another_version_is_said_and_not_judged(stack: LocalStack, operator: Operator) -> None:
    other = {"product_code": CERTIFICATE.product_code, "certificate": {"no": 1}}
    async with recorded(stack, ("certificate.issued", other)):
        ran = await verified(stack, operator, CERTIFICATE)

    assert (ran.code, ran.lines[0]["looked_up"]) == (0, False)
    assert "is recorded by another version: use the ocop of the services" in ran.errors


async def test_the_stack_s_own_keys_check_what_its_registry_signs(stack: LocalStack, operator: Operator) -> None:
    ran = await operator.ocop("certificate", "keys")

    public, private = json.loads(ran.text), json.loads(stack.credentials("registry").certificate_keys or "")
    assert [key["kid"] for key in public["keys"]] == [key["kid"] for key in private["keys"]]
    assert '"d"' not in ran.text
