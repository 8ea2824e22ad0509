"""Signs what a certificate says: a compact JWS (RFC 7515), which anybody can check by the published keys.

    Signer.of(keys).sign(CertificateClaims(…))  ->  eyJhbGciOi…
    Verifier.of(jwks).verify("eyJhbGciOi…")     ->  CertificateClaims(…)

The same claims under the same key are the same token to the byte (Ed25519, RFC 8032). A token is short enough for a
printed QR code: docs/decisions/0020-certificate-tokens.md.
"""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import accumulate
from typing import Annotated, Any, Final, Self

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import ConfigDict, Field, StringConstraints

from shared.contracts.text import Code, Contract, Text
from shared.key_sets import read_keys

#: The one algorithm that is taken: RFC 9864, which gives `EdDSA` up for a name that says the curve.
ALGORITHM: Final = "Ed25519"
#: Says that a JWS is one of ours, so that none that was signed for another purpose passes (RFC 8725, section 3.11).
TYPE: Final = "ocop-certificate+jwt"
#: Letters of a token: what a QR code of version 30 holds with error correction M (ISO/IEC 18004, table 7).
LONGEST_TOKEN: Final = 1_370
#: bytes of a product's name, as JSON; some 150 Vietnamese letters
LONGEST_NAME: Final = 200
#: letters of a signature of 64 bytes
_SIGNATURE = 86
_CUT = "…"
_REGISTRY = jws.JWSRegistry(algorithms=[ALGORITHM])

#: Who issues: a URI of the letters that JSON writes as they are.
Issuer = Annotated[str, StringConstraints(max_length=100, pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[!#-\[\]-~]+$")]


class Refusal(StrEnum):
    """Why a token is not taken."""

    UNREADABLE = "not-a-token"
    NOT_A_CERTIFICATE = "not-a-certificate"
    OTHER_ALGORITHM = "other-algorithm"
    UNKNOWN_KEY = "unknown-key"
    BROKEN_SIGNATURE = "broken-signature"


class RefusedTokenError(Exception):
    """A token is not taken, and why. What is in it is in no error's text."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


class CertificateClaims(Contract):
    """What a token says of a certificate; the short names are the claims (docs/contract.md). No person is in it."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    issuer: Issuer = Field(alias="iss")
    #: the moment of the decision that made the certificate: seconds since 1970 UTC
    issued_at: Annotated[int, Field(alias="iat", ge=0, le=2**53)]
    product_code: Code = Field(alias="sub")
    number: Code = Field(alias="num")
    stars: Annotated[int, Field(ge=3, le=5)]
    decision_number: Code = Field(alias="dec")
    decision_date: date = Field(alias="dec_on")
    #: the province's code, or `centre`
    authority: Annotated[str, Field(alias="by", pattern=r"^([0-9]{2}|centre)$")]
    issued_on: date = Field(alias="on")
    #: the last day on which it is valid
    last_day: date = Field(alias="until")
    product_name: Text = Field(alias="product")


@dataclass(frozen=True)
class Signer:
    """The registry's keys: the first one signs; the others did, or will, and are only published."""

    key: OKPKey = field(repr=False)

    @classmethod
    def of(cls, jwk_set: str) -> Self:
        """Read the keys as a JWK Set. Raise ValueError; its text repeats nothing of them."""
        keys = _signing_keys(jwk_set)
        if not keys or not keys[0].is_private:
            raise ValueError("must be a JWK Set whose first key is a private one, such as `ocop access issue` writes")
        return cls(keys[0])

    def sign(self, claims: CertificateClaims) -> str:
        """Return the token of a certificate. A name that is too long for it is cut, and ends with `…`."""
        header = {"alg": ALGORITHM, "kid": str(self.key.kid), "typ": TYPE}
        payload = _fitting(claims, _room_for_claims(header)).model_dump_json(by_alias=True)
        return jws.serialize_compact(header, payload, self.key, registry=_REGISTRY)


@dataclass(frozen=True)
class Verifier:
    """The published keys of who issues certificates, by their ids."""

    keys: Mapping[str, OKPKey] = field(repr=False)

    @classmethod
    def of(cls, jwk_set: str) -> Self:
        """Read the keys as a JWK Set. Raise ValueError; its text repeats nothing of them."""
        keys = _signing_keys(jwk_set)
        if any(key.is_private for key in keys):
            raise ValueError(
                "must be public keys: `ocop certificate keys` writes them; the private ones stay with the registry"
            )
        if not keys:
            raise ValueError("must be a JWK Set with one key or more")
        return cls({str(key.kid): key for key in keys})

    def verify(self, token: str) -> CertificateClaims:
        """Return what a token of these keys says. Raise RefusedTokenError."""
        signed = _read_token(token)
        header = signed.headers()
        if header.get("typ") != TYPE:
            raise RefusedTokenError(Refusal.NOT_A_CERTIFICATE)
        if header.get("alg") != ALGORITHM:
            raise RefusedTokenError(Refusal.OTHER_ALGORITHM)
        key = self.keys.get(str(header.get("kid")))
        if key is None:
            raise RefusedTokenError(Refusal.UNKNOWN_KEY)
        if not _is_signed_by(key, signed):
            raise RefusedTokenError(Refusal.BROKEN_SIGNATURE)
        return _claims_in(signed.payload)


def key_id(token: str) -> str:
    """Return the id of the key that a token names, empty where it names none. Raise RefusedTokenError."""
    return str(_read_token(token).headers().get("kid") or "")


def new_signing_key() -> dict[str, Any]:
    """Return a new private key as a JWK, with its id (RFC 7638)."""
    return dict(OKPKey.generate_key(ALGORITHM, {"use": "sig"}, auto_kid=True).as_dict(private=True))


def published_keys(jwk_set: str) -> dict[str, list[dict[str, Any]]]:
    """Return of signing keys, private or not, the JWK Set that everybody is given. Raise ValueError, as `of` does."""
    return {"keys": [dict(key.as_dict(private=False)) for key in _signing_keys(jwk_set)]}


def _signing_keys(jwk_set: str) -> list[OKPKey]:
    """Read keys whose ids are their thumbprints, so that an id stands for one key for ever. Raise ValueError."""
    keys = read_keys(jwk_set, ALGORITHM)
    if any(key.kid != key.thumbprint() for key in keys):
        raise ValueError("must be keys whose `kid` is their thumbprint (RFC 7638)")
    return keys


def _read_token(token: str) -> jws.CompactSignature:
    try:
        signed = jws.extract_compact(token.encode("ascii"), registry=_REGISTRY)
        signed.headers()
    except (JoseError, ValueError, TypeError, LookupError, AttributeError):
        raise RefusedTokenError(Refusal.UNREADABLE) from None
    return signed


def _is_signed_by(key: OKPKey, signed: jws.CompactSignature) -> bool:
    try:
        return jws.validate_compact(signed, key, registry=_REGISTRY)
    except (JoseError, ValueError, TypeError):  # a header that the library does not take, such as `crit`
        return False


def _claims_in(payload: bytes) -> CertificateClaims:
    try:
        return CertificateClaims.model_validate_json(payload)
    except ValueError:  # pydantic's error is one
        raise RefusedTokenError(Refusal.NOT_A_CERTIFICATE) from None


def _room_for_claims(header: Mapping[str, str]) -> int:
    """Return how many bytes of JSON a token can hold beside header, signature and two dots."""
    letters = LONGEST_TOKEN - _base64_letters(_size(header)) - _SIGNATURE - 2
    return letters * 3 // 4


def _base64_letters(size: int) -> int:
    return -(-size * 4 // 3)


def _fitting(claims: CertificateClaims, room: int) -> CertificateClaims:
    """Return the claims with the product's name cut to what the others leave."""
    others = claims.model_copy(update={"product_name": ""}).model_dump_json(by_alias=True)
    left = min(LONGEST_NAME, room - len(others.encode()))
    return claims.model_copy(update={"product_name": _cut(claims.product_name, left)})


def _cut(name: str, room: int) -> str:
    """Return a name in so many bytes of JSON; what is cut ends with a whole letter, its marks with it, and `…`."""
    if _size(name) - 2 <= room:
        return name
    sizes = accumulate(_size(letter) - 2 for letter in name)
    fitting = (end for end, size in enumerate(sizes, 1) if size <= room - len(_CUT.encode()))
    ends = [end for end in fitting if not unicodedata.combining(name[end])]
    return name[: max(ends, default=0)].rstrip() + _CUT


def _size(value: object) -> int:
    """Return the bytes of a value as JSON; text is two longer for its quotation marks."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
