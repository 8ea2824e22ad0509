"""Reads keys of one curve as people and programs write them: a JWK, or a JWK Set (RFC 7517, RFC 8037)."""

from typing import Any, TypeVar

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import TypeAdapter, ValidationError

_JWK: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_JWK_SET: TypeAdapter[dict[str, list[dict[str, Any]]]] = TypeAdapter(dict[str, list[dict[str, Any]]])
Read = TypeVar("Read")


def read_key(jwk: str, curve: str) -> OKPKey:
    """Read a key. Raise ValueError; its text repeats nothing of it."""
    return _usable(_read(_JWK, jwk, "a JWK, such as `ocop access issue` writes"), curve)


def read_keys(jwk_set: str, curve: str) -> list[OKPKey]:
    """Read the keys of a set, in their order. Raise ValueError; its text repeats nothing of them."""
    entries = _read(_JWK_SET, jwk_set, "a JWK Set, such as `ocop access issue` writes").get("keys", [])
    return [_usable(entry, curve) for entry in entries]


def public_part(jwk: dict[str, Any]) -> dict[str, Any]:
    """Return of a key what may be given away."""
    return dict(OKPKey.import_key(jwk).as_dict(private=False))


def _read(adapter: TypeAdapter[Read], text: str, what: str) -> Read:
    try:
        return adapter.validate_json(text)
    except ValidationError:
        raise ValueError(f"must be {what}") from None


def _usable(jwk: dict[str, Any], curve: str) -> OKPKey:
    try:
        key = OKPKey.import_key(jwk)
    except (JoseError, ValueError, TypeError, KeyError):
        key = None
    if key is None or key.curve_name != curve or not key.kid:
        raise ValueError(f"must be keys of the curve {curve}, each with its `kid`")
    return key
