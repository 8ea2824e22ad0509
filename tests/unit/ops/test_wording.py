"""What events of a product's legal life say in a line."""

import json
from typing import Any

import pytest

from ops.history.entry import detail_of, read_entry
from ops.history.wording import told
from shared.contracts.catalogue import CATALOGUE
from tests.unit.ops.deliveries import delivery

LETTER = {"number": "12/BC-UBND", "date": "2026-11-24"}
CERTIFICATE = {"number": "15/GCN-OCOP", "stars": 4, "last_day": "2029-11-24"}
MOVED = {
    "round": 1,
    "from_stage": "at-commune",
    "to_stage": "returned",
    "why": "commune.assessed",
    "letter": LETTER,
    "reasons": ["Nguyễn Văn A thiếu ảnh"],
    "sealed_recipient": "secret",
}
RESULT = {"session": "S1", "level": "province", "average": {"shown": "85.66"}, "stars": 4, "spread": 12}


@pytest.mark.parametrize(
    ("kind", "data", "line"),
    [
        ("round.moved", MOVED, "round 1, at-commune → returned, by commune.assessed, 12/BC-UBND of 2026-11-24"),
        (
            "round.moved",
            {"round": 1, "from_stage": "awaits-province", "to_stage": "closed", "closing": "recognised"},
            "round 1, awaits-province → closed, recognised",
        ),
        ("product.referred", {"round": 2, "letter": LETTER}, "round 2, 12/BC-UBND of 2026-11-24"),
        ("council.result", RESULT, "province council, session S1, average 85.66, 4★"),
        (
            "council.result",
            {**RESULT, "stars": None, "spread_stands": True},
            "province council, session S1, average 85.66, eliminated by the council, a spread of 12 points stands",
        ),
        (
            "council.rescore-requested",
            {"session": "S1", "level": "province", "spread": 12, "allowed": 10},
            "province council, session S1, a spread of 12 points, 10 allowed",
        ),
        (
            "council.incomplete",
            {"session": "S1", "level": "centre", "counted": 2, "needed": 3, "chair_missing": True},
            "centre council, session S1, 2 cards count, 3 needed, neither chair nor deputy presided",
        ),
        ("certificate.issued", {"certificate": CERTIFICATE}, "15/GCN-OCOP, 4★, to 2029-11-24"),
        (
            "certificate.revoked",
            {"certificate": CERTIFICATE, "ground": "d", "reason": "of A", "revocation": LETTER},
            "15/GCN-OCOP, 4★, to 2029-11-24, ground d, 12/BC-UBND of 2026-11-24",
        ),
        (
            "deadline.due",
            {"deadline": "round", "round_of": "province-round", "when": "before", "due_on": "2026-12-30"}
            | {"waiting_count": 3},
            "province-round, before 2026-12-30, 3 wait",
        ),
        ("scorecard.filed", {"session": "S1", "member": "m1"}, "session S1"),
        ("commune.assessed", {"outcome": "returned", "letter": LETTER}, "returned, 12/BC-UBND of 2026-11-24"),
        ("product.rated", {"total": 82, "stars": 3}, ""),
    ],
)
def test_an_event_of_a_life_is_one_line(kind: str, data: dict[str, Any], line: str) -> None:
    assert told(kind, data) == line


@pytest.mark.parametrize("kind", [each.name for each in CATALOGUE])
@pytest.mark.parametrize("value", [None, 7, "text", [1], {"number": {}}, True])
def test_whatever_a_sender_puts_into_it_is_taken(kind: str, value: object) -> None:
    names = ("average", "certificate", "letter", "decision", "products", "stars", "waiting_count", "revocation")

    assert "\n" not in told(kind, dict.fromkeys(names, value))


def test_a_story_tells_what_moved_without_reasons_and_recipients() -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "e1", "ce-source": "/x", "ce-type": "vn.ocop.round.moved.v1"}
    data = {"product_code": "01-09574-1-2026", **MOVED}
    entry = read_entry(delivery(json.dumps(data).encode(), headers=headers, content_type="application/json"))

    assert detail_of(entry) == (
        "01-09574-1-2026, round 1, at-commune → returned, by commune.assessed, 12/BC-UBND of 2026-11-24"
    )
