"""What the register says of a certificate by now, where it can be reached."""

from typing import Any

from pydantic import ValidationError

from ops.certificates.standing import State, on_record
from ops.history.records import Record, opened_records, understood
from ops.named import short_type
from ops.operator_settings import AccessError, OperatorSettings
from shared.certificate_token import CertificateClaims, Verifier


async def newest_state(settings: OperatorSettings, claims: CertificateClaims, *, key: str) -> State:
    """Return the newest state of a certificate, found by its product's code and its number.

    `key`: the id of the key that signed it. Where it is none of the installation's public keys, as far as these are
    known, the certificate is another's, and this register says nothing of it.

    Raises:
        AccessError: the register cannot be reached or read, or is not the one that the certificate stands in.
    """
    if settings.certificate_jwks and key not in Verifier.of(settings.certificate_jwks).keys:
        raise AccessError("none of the keys of the installation that is set has signed it")
    with opened_records(settings) as records:
        found = await records.of("registry", claims.product_code)
    try:
        return on_record(claims, [event for record in found for event in _announced(record)])
    except ValidationError:  # its words repeat what is recorded
        raise AccessError(
            f"a certificate of {claims.product_code} is recorded by another version: use the ocop of the services"
        ) from None


def _announced(record: Record) -> list[tuple[str, dict[str, Any]]]:
    with understood(record.document):
        return [(short_type(event["type"]), event["data"]) for event in record.document["announced"]]
