"""Seals what one service alone is to read: a JWE (RFC 7516), which passes through the others unopened.

Whoever seals has the public key; the private key is the reader's alone. Each time the same content is sealed, the text
differs: it is made once, when an event is decided, and stands on record with the event.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeVar

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OKPKey
from pydantic import BaseModel

from shared.key_sets import public_part, read_key, read_keys

#: A key pair made for each text, and the reader's key, give the content's key (RFC 7518, section 4.6; RFC 8037).
_AGREEMENT, _ENCRYPTION = "ECDH-ES", "A256GCM"
_CURVE: Final = "X25519"
_REGISTRY = jwe.JWERegistry(algorithms=[_AGREEMENT, _ENCRYPTION])
#: characters of a key's id that are shown; a thumbprint (RFC 7638) has 43
_LONGEST_ID = 64

Content = TypeVar("Content", bound=BaseModel)

#: Seals a content; the first one to be on record counts, since the next would be another text.
Seal = Callable[[BaseModel], str]


class UnknownKeyError(Exception):
    """A text was sealed to a key that is not among the reader's. The text names the key by its id."""


class BrokenSealError(Exception):
    """A text is not what a service of this system sealed. What is in it is in no error's text."""


@dataclass(frozen=True)
class SealingKey:
    """The public key of who is to read what is sealed."""

    key: OKPKey = field(repr=False)

    @classmethod
    def of(cls, jwk: str) -> Self:
        """Read the key as a JWK (RFC 7517). Raise ValueError; its text repeats nothing of it."""
        key = read_key(jwk, _CURVE)
        if key.is_private:
            raise ValueError("must be the public key: the private one is for notifications alone")
        return cls(key)

    def seal(self, content: BaseModel) -> str:
        """Return a content as a compact JWE to this key."""
        header = {"alg": _AGREEMENT, "enc": _ENCRYPTION, "kid": self.key.kid}
        return jwe.encrypt_compact(header, content.model_dump_json().encode(), self.key, registry=_REGISTRY)


@dataclass(frozen=True)
class OpeningKeys:
    """The private keys of a reader, by their ids: the one in use, and former ones, to which late texts are sealed."""

    keys: Mapping[str, OKPKey] = field(repr=False)

    @classmethod
    def of(cls, jwk_set: str) -> Self:
        """Read the keys as a JWK Set (RFC 7517, section 5). Raise ValueError; its text repeats nothing of them."""
        keys = read_keys(jwk_set, _CURVE)
        if not keys or not all(key.is_private for key in keys):
            raise ValueError("must be a JWK Set with one private key or more")
        return cls({str(key.kid): key for key in keys})

    @property
    def sealing_key(self) -> SealingKey:
        """The key by which the reader seals what it is to read itself: of the key in use, which is the first."""
        in_use = next(iter(self.keys.values()))
        return SealingKey(OKPKey.import_key(public_part(dict(in_use.as_dict(private=True)))))

    def open(self, sealed: str, model: type[Content]) -> Content:
        """Return what was sealed. Raise UnknownKeyError; BrokenSealError."""
        try:
            opened = jwe.decrypt_compact(sealed, self._key_for, registry=_REGISTRY).plaintext or b""
            return model.model_validate_json(opened)
        except (JoseError, ValueError, TypeError, LookupError) as error:  # pydantic's error is a ValueError
            raise BrokenSealError(type(error).__name__) from None

    def _key_for(self, recipient: GuestProtocol) -> OKPKey:
        kid = str(recipient.headers().get("kid"))
        if kid in self.keys:
            return self.keys[kid]
        raise UnknownKeyError(f"sealed to the key {kid[:_LONGEST_ID]!r}, which is not among the private keys")


def new_key() -> dict[str, Any]:
    """Return a new private key as a JWK, with its id (RFC 7638)."""
    return dict(OKPKey.generate_key(_CURVE, {"use": "enc"}, auto_kid=True).as_dict(private=True))
