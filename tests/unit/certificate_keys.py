"""Two keys of certificates' tokens, as `ocop access issue` writes them, and a certificate that they sign."""

import json
from datetime import date
from typing import Any

from shared.certificate_token import CertificateClaims, Signer, Verifier, published_keys
from shared.key_sets import public_part

#: Of tests alone, and always the same.
FORMER: dict[str, Any] = {
    "kty": "OKP",
    "crv": "Ed25519",
    "use": "sig",
    "kid": "oJSMn2YWunwle25xJovUCVNlWcZBKy3F8dtH3zShnKE",
    "x": "toImgmsKJe49Qw9VSSp42CTpeMXp_c_3QODbUgWLHzk",
    "d": "9zsHxNQd7QKdsuufH7MQmMHTSBYRpBDjDDkzsvxb3n0",
}
KEY: dict[str, Any] = {
    "kty": "OKP",
    "crv": "Ed25519",
    "use": "sig",
    "kid": "--CwQss9smT9L0Aq0rOY7hhVsllxHQ-bRi1CWw9pS7Q",
    "x": "VOwwZ8Y1_FnrQ9UV-MstUpcfAwehlELiMN-RcV_7J7E",
    "d": "m87gjuTDF-Hl5nNOEALwaronOWi8NUk3jPkf8NVn18A",
}
#: As after a change of the key: it signs, and of the former one the public part is left.
SIGNING_KEYS = json.dumps({"keys": [KEY, public_part(FORMER)]})
JWKS = json.dumps(published_keys(SIGNING_KEYS))

CLAIMS = CertificateClaims(
    issuer="https://ocop.example.vn",
    issued_at=1_785_913_200,
    product_code="01-09574-1-2026",
    number="123/2026/GCN-OCOP",
    stars=4,
    decision_number="4567/QĐ-UBND",
    decision_date=date(2026, 8, 5),
    authority="01",
    issued_on=date(2026, 8, 5),
    last_day=date(2029, 8, 5),
    product_name="Bánh tẻ Hưng Vân",
)

sign = Signer.of(SIGNING_KEYS).sign
verify = Verifier.of(JWKS).verify
#: The certificate, signed once.
TOKEN = (
    "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoiLS1Dd1FzczlzbVQ5TDBBcTByT1k3aGhWc2xseEhRLWJSaTFDV3c5cFM3USIsInR5cCI6"
    "Im9jb3AtY2VydGlmaWNhdGUrand0In0.eyJpc3MiOiJodHRwczovL29jb3AuZXhhbXBsZS52biIsImlhdCI6MTc4NTkxMzIwMCwi"
    "c3ViIjoiMDEtMDk1NzQtMS0yMDI2IiwibnVtIjoiMTIzLzIwMjYvR0NOLU9DT1AiLCJzdGFycyI6NCwiZGVjIjoiNDU2Ny9RxJAt"
    "VUJORCIsImRlY19vbiI6IjIwMjYtMDgtMDUiLCJieSI6IjAxIiwib24iOiIyMDI2LTA4LTA1IiwidW50aWwiOiIyMDI5LTA4LTA1"
    "IiwicHJvZHVjdCI6IkLDoW5oIHThursgSMawbmcgVsOibiJ9.Bl3qfvHHgx-7yn4Av_5yZDBEznYGWPXJY9OtfKZ4lAd-"
    "NyvIphIMnBgu9_fHi2OUSnPlf_gbPtdJggw9S9JbAA"
)
