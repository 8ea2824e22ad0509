"""A pair of keys for producers' contacts, as `ocop access issue` writes it, and what is sealed and opened by it."""

import json

from shared.contracts.dossier import Recipient
from shared.key_sets import public_part
from shared.sealing import OpeningKeys, SealingKey

#: Of tests alone, and always the same, so that a seed of the fuzzer gives the same messages again.
_KEY = {
    "kty": "OKP",
    "crv": "X25519",
    "use": "enc",
    "kid": "CLguort1xjvM9HiLYRfdTKPoF6QzyE8NeRNg5srvs6o",
    "x": "K5CDXWnoe3fKVdzdueUpiDFQYtwl-71qSuUq_Xqmsn8",
    "d": "EK7Zqy3Wt7T2hgqYig1KxG8DTDqonelyYSip_xvAN1U",
}
PUBLIC_KEY = json.dumps(public_part(_KEY))
PRIVATE_KEYS = json.dumps({"keys": [_KEY]})
#: The producer of `tests/unit/registry/dossiers.py`, sealed once.
SEALED = (
    "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImtpZCI6IkNMZ3VvcnQxeGp2TTlIaUxZUmZkVEtQb0Y2UXp5RThOZVJO"
    "ZzVzcnZzNm8iLCJlcGsiOnsiY3J2IjoiWDI1NTE5IiwieCI6IlF4dXVITkpCbjZNd2hXX0F3d1hSMUxUaGRxamdoZFlONDU2akYt"
    "Qy1SMGMiLCJrdHkiOiJPS1AifX0..WOHZgMkSw_khG4Xz.xvTcq2509sgBXWW6jWZkqiM5NvK5CgSWIdndOJfT8B38QzLI_8zlpp"
    "5eVjTb1yXzZhdH05gq1VwpEuDAu3Av6U43OyE0M_ijndCVQZwpmYIfBzSt9L1U05hgu0mnv3idrmVuop-szSSAPfavKPm-VksDnP"
    "gcOLrkxQ._VgTF--EqTvY5P2eHa3mOA"
)

seal = SealingKey.of(PUBLIC_KEY).seal


def opened(sealed: str) -> Recipient:
    """Return a recipient as notifications sees her."""
    return OpeningKeys.of(PRIVATE_KEYS).open(sealed, Recipient)
