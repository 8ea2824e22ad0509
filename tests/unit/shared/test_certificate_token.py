"""Whoever has the published keys can tell a certificate's token from any other text."""

import base64
import json
from datetime import date
from typing import Any

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey

from shared.certificate_token import (
    LONGEST_TOKEN,
    TYPE,
    CertificateClaims,
    Refusal,
    RefusedTokenError,
    Signer,
    Verifier,
    key_id,
    new_signing_key,
    published_keys,
)
from shared.contracts.event import Event
from shared.key_sets import public_part
from shared.sealing import new_key
from tests.unit.certificate_keys import CLAIMS, FORMER, JWKS, KEY, SIGNING_KEYS, TOKEN, sign, verify

HEADER = {"alg": "Ed25519", "kid": KEY["kid"], "typ": TYPE}
#: Letters of Vietnamese names, what JSON writes with a backslash, marks that stand alone, and letters of four bytes.
LETTERS = st.sampled_from('abcđêờướỹẮ 0123456789/-"\\“”\u0323\u0301𠀀😀')
LINES = st.text(LETTERS, min_size=1, max_size=64).filter(str.strip)
CERTIFICATES = st.fixed_dictionaries(
    {
        "iss": st.sampled_from(["https://ocop.example.vn", "https://" + "a" * 92, "urn:ocop:vn"]),
        "iat": st.integers(0, 2**40),
        "sub": st.sampled_from(["01-09574-1-2026", "99-99999-999999999-9999"]),
        "num": LINES,
        "stars": st.integers(3, 5),
        "dec": LINES,
        "dec_on": st.dates(),
        "by": st.sampled_from(["01", "centre"]),
        "on": st.dates(),
        "until": st.dates(),
        "product": st.text(LETTERS, max_size=300) | st.text(max_size=300),
    }
).map(CertificateClaims.model_validate)


def refusal(token: str, check: Any = verify) -> Refusal:
    with pytest.raises(RefusedTokenError) as refused:
        check(token)
    return refused.value.refusal


def signed(header: dict[str, Any], payload: str, key: dict[str, Any] | None = None) -> str:
    """Return a JWS with any header of today's algorithm, under our key unless another is given."""
    registry = jws.JWSRegistry(algorithms=["Ed25519"], strict_check_header=False)
    return jws.serialize_compact(header, payload, OKPKey.import_key(key or KEY), registry=registry)


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def payload_of(token: str) -> dict[str, Any]:
    padded = token.split(".")[1] + "=="
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(padded))
    return read


def test_a_token_says_what_was_signed() -> None:
    assert verify(sign(CLAIMS)) == CLAIMS


def test_the_claims_have_short_names_and_dates_as_in_iso_8601() -> None:
    assert payload_of(TOKEN) == {
        "iss": "https://ocop.example.vn",
        "iat": 1785913200,
        "sub": "01-09574-1-2026",
        "num": "123/2026/GCN-OCOP",
        "stars": 4,
        "dec": "4567/QĐ-UBND",
        "dec_on": "2026-08-05",
        "by": "01",
        "on": "2026-08-05",
        "until": "2029-08-05",
        "product": "Bánh tẻ Hưng Vân",
    }


def test_the_same_certificate_is_the_same_token_to_the_byte() -> None:
    again = Signer.of(SIGNING_KEYS).sign(CLAIMS.model_copy())

    assert again == sign(CLAIMS) == TOKEN


def test_a_certificate_signed_again_by_a_newer_key_is_the_same_event() -> None:
    """Else all that follows from it would get other ids, and its producer a second mail, after a lost database."""
    of_former_key = Signer.of(json.dumps({"keys": [FORMER]})).sign(CLAIMS.model_copy(update={"issued_at": 1}))
    first, again = (
        Event("e1", "/registry", "vn.ocop.certificate.issued.v1", {"stars": 4, "token": token})
        for token in (of_former_key, TOKEN)
    )

    assert first.data != again.data
    assert (first.digest, first.key) == (again.digest, again.key)


def test_a_claim_that_a_later_version_adds_is_passed_over() -> None:
    later = payload_of(TOKEN) | {"average": "89.85"}

    assert verify(signed(HEADER, json.dumps(later))) == CLAIMS


def test_a_token_of_a_former_key_is_taken_as_long_as_the_key_is_published() -> None:
    of_former_key = Signer.of(json.dumps({"keys": [FORMER]})).sign(CLAIMS)

    assert key_id(of_former_key) == FORMER["kid"] != key_id(TOKEN)
    assert verify(of_former_key) == CLAIMS
    without = Verifier.of(json.dumps({"keys": [public_part(KEY)]}))
    assert refusal(of_former_key, without.verify) is Refusal.UNKNOWN_KEY


@pytest.mark.parametrize("part", range(3))
def test_a_token_that_was_changed_anywhere_is_refused(part: int) -> None:
    parts = TOKEN.split(".")
    for at in range(len(parts[part])):
        changed = "B" if parts[part][at] == "A" else "A"
        others = [*parts[:part], parts[part][:at] + changed + parts[part][at + 1 :], *parts[part + 1 :]]
        refusal(".".join(others))


def test_a_claim_that_was_changed_breaks_the_signature() -> None:
    header, _, signature = TOKEN.split(".")

    five_stars = segment(payload_of(TOKEN) | {"stars": 5})

    assert refusal(f"{header}.{five_stars}.{signature}") is Refusal.BROKEN_SIGNATURE


def test_another_key_under_the_id_of_ours_signs_nothing() -> None:
    forged = signed(HEADER, json.dumps(payload_of(TOKEN)), new_signing_key())

    assert refusal(forged) is Refusal.BROKEN_SIGNATURE


def test_what_is_not_signed_at_all_is_refused() -> None:
    unsigned = f"{segment(HEADER | {'alg': 'none'})}.{TOKEN.split('.')[1]}."

    assert refusal(unsigned) is Refusal.OTHER_ALGORITHM


@pytest.mark.parametrize("algorithm", ["HS256", "EdDSA", "ES256", "", None, ["Ed25519"], {"Ed25519": 1}, 5])
def test_no_other_algorithm_is_taken(algorithm: object) -> None:
    _, payload, signature = TOKEN.split(".")

    assert refusal(f"{segment(HEADER | {'alg': algorithm})}.{payload}.{signature}") is Refusal.OTHER_ALGORITHM


def test_our_public_key_is_no_password_for_a_symmetric_algorithm() -> None:
    header = HEADER | {"alg": "HS256"}
    public = OctKey.import_key(json.dumps(public_part(KEY)))

    assert refusal(jws.serialize_compact(header, "{}", public, algorithms=["HS256"])) is Refusal.OTHER_ALGORITHM


@pytest.mark.parametrize("kind", ["JWT", "ocop-certificate", "", None, 5])
def test_what_our_key_signed_for_another_purpose_is_no_certificate(kind: object) -> None:
    header = {name: value for name, value in {**HEADER, "typ": kind}.items() if value is not None}

    assert refusal(f"{segment(header)}.{'.'.join(TOKEN.split('.')[1:])}") is Refusal.NOT_A_CERTIFICATE


@pytest.mark.parametrize(
    "payload",
    ["", "[]", "null", "{}", "{", json.dumps(payload_of(TOKEN) | {"stars": 2}), '{"iss":"\\ud800"}', "[" * 5000],
)
def test_what_our_key_signed_is_a_certificate_only_with_all_its_claims(payload: str) -> None:
    assert refusal(signed(HEADER, payload)) is Refusal.NOT_A_CERTIFICATE


@pytest.mark.parametrize("kid", ["another", "", None, 5, ["a"]])
def test_a_key_that_is_not_published_is_unknown(kid: object) -> None:
    _, *rest = TOKEN.split(".")

    assert refusal(".".join([segment(HEADER | {"kid": kid}), *rest])) is Refusal.UNKNOWN_KEY


def test_a_header_that_asks_for_more_than_we_know_is_refused() -> None:
    critical = signed(HEADER, json.dumps(payload_of(TOKEN))).split(".")
    critical[0] = segment(HEADER | {"crit": ["b64"], "b64": False})

    assert refusal(".".join(critical)) is Refusal.BROKEN_SIGNATURE


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b", "a.b.c.d", "giấy chứng nhận", f"{TOKEN}=", f" {TOKEN}", "bnVsbA.e30.", "W10.e30."]
)
def test_other_text_is_no_token(text: str) -> None:
    refused = refusal(text)

    assert refused is (Refusal.BROKEN_SIGNATURE if text.endswith("=") else Refusal.UNREADABLE)


@given(st.text(max_size=200) | st.lists(st.text(max_size=90), min_size=3, max_size=3).map(".".join))
def test_no_text_breaks_the_check(text: str) -> None:
    refusal(text)


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=20), lambda of: st.lists(of, max_size=3)),
    st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk"]), st.text(max_size=20) | st.none()),
    st.binary(max_size=80),
)
def test_no_header_and_no_payload_break_the_check(payload: object, header: dict[str, Any], signature: bytes) -> None:
    ending = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
    for begins in (header, HEADER | header, payload):
        refusal(f"{segment(begins)}.{segment(payload)}.{ending}")


@given(st.dictionaries(st.sampled_from(sorted(payload_of(TOKEN))), st.none() | st.integers() | st.text(max_size=30)))
def test_whatever_our_key_has_signed_is_read_or_refused(changed: dict[str, Any]) -> None:
    token = signed(HEADER, json.dumps(payload_of(TOKEN) | changed))
    read: CertificateClaims | Refusal
    try:
        read = verify(token)
    except RefusedTokenError as refused:
        read = refused.refusal

    assert isinstance(read, CertificateClaims) or read is Refusal.NOT_A_CERTIFICATE


@given(CERTIFICATES)
def test_every_certificate_fits_a_printed_code(claims: CertificateClaims) -> None:
    token = sign(claims)

    assert len(token) <= LONGEST_TOKEN
    assert int(segno.make_qr(token, error="m", boost_error=False).version) <= 30
    read = verify(token)
    assert read.model_copy(update={"product_name": claims.product_name}) == claims
    if read.product_name != claims.product_name:
        kept = read.product_name.removesuffix("…")
        assert claims.product_name.startswith(kept)
        assert len(json.dumps(read.product_name, ensure_ascii=False).encode()) <= 202


def named(name: str) -> str:
    return verify(sign(CLAIMS.model_copy(update={"product_name": name}))).product_name


def test_a_name_of_usual_length_stays_whole() -> None:
    name = "Bộ sản phẩm mật ong hoa nhãn nguyên chất và mật ong bạc hà cao nguyên đá Đồng Văn, hộp quà Tết sáu lọ"

    assert named(name) == name


def test_the_longest_name_of_a_dossier_is_cut_and_says_so() -> None:
    assert named("Ố" * 300) == "Ố" * 65 + "…"


def test_no_letter_is_cut_from_its_marks() -> None:
    assert named("a" * 196 + "x\u0323\u0300" * 3) == "a" * 196 + "…"


def test_the_longest_numbers_leave_room_for_a_part_of_the_name() -> None:
    longest = {"number": "𠀀" * 64, "decision_number": "𠀀" * 64, "issuer": "https://" + "a" * 92}
    token = sign(CLAIMS.model_copy(update={**longest, "product_name": "Bánh tẻ " * 37}))

    assert len(token) <= LONGEST_TOKEN
    assert verify(token).product_name.startswith("Bánh tẻ Bánh tẻ Bánh tẻ")


@pytest.mark.parametrize(
    ("jwk_set", "said"),
    [
        ("", "must be a JWK Set"),
        ("[]", "must be a JWK Set"),
        ('{"keys": []}', "whose first key is a private one"),
        (JWKS, "whose first key is a private one"),
        (json.dumps({"keys": [public_part(FORMER), KEY]}), "whose first key is a private one"),
        (json.dumps({"keys": [new_key()]}), "must be keys of the curve Ed25519"),
        ('{"keys": [{"kty": "oct", "kid": "a", "k": "Z2VoZWlt"}]}', "must be keys of the curve Ed25519"),
        ('{"keys": [{"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"}]}', "must be keys of the curve Ed25519"),
        (json.dumps({"keys": [KEY | {"kid": FORMER["kid"]}]}), "whose `kid` is their thumbprint"),
        (json.dumps({"keys": [{**KEY, "kid": None}]}), "each with its `kid`"),
    ],
)
def test_what_is_no_signing_key_is_refused_and_not_repeated(jwk_set: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        Signer.of(jwk_set)

    assert KEY["d"] not in str(refused.value)
    assert "Z2VoZWlt" not in str(refused.value)


@pytest.mark.parametrize("jwk_set", ["", '{"keys": []}', SIGNING_KEYS, json.dumps({"keys": [new_key()]})])
def test_whoever_checks_has_public_keys_of_signatures_alone(jwk_set: str) -> None:
    with pytest.raises(ValueError, match=r"^must be") as refused:
        Verifier.of(jwk_set)

    assert KEY["d"] not in str(refused.value)


def test_what_is_published_has_no_private_part() -> None:
    published = published_keys(SIGNING_KEYS)

    assert [key["kid"] for key in published["keys"]] == [KEY["kid"], FORMER["kid"]]
    assert {frozenset(key) for key in published["keys"]} == {frozenset({"kty", "crv", "use", "kid", "x"})}


def test_no_key_is_shown() -> None:
    shown = repr((Signer.of(SIGNING_KEYS), Verifier.of(JWKS)))

    assert [KEY[part] for part in ("d", "x", "kid") if KEY[part] in shown] == []


def test_a_certificate_of_fewer_than_three_stars_cannot_be_signed() -> None:
    with pytest.raises(ValueError, match="stars"):
        CertificateClaims(**{**CLAIMS.model_dump(), "stars": 2, "decision_date": date(2026, 8, 5)})
