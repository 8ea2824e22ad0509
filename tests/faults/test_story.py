"""What a violation names is told in the order of time."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.kept_world import accepted
from tests.faults.story import stories
from tests.faults.world import World

MORNING = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)


def logged(at: str, event_id: str, action: str) -> str:
    return json.dumps({"timestamp": at, "event_id": event_id, "action": action, "queue": "registry.life"})


def test_the_story_of_a_dossier_is_its_confirms_records_and_lines_of_log(tmp_path: Path) -> None:
    record = replace(accepted("fault-000007", 1), recorded_at=MORNING.replace(second=2))
    lines = [logged("2026-11-29T02:00:03Z", "fault-000007", "answer"), logged("2026-11-29T02:00:01Z", "other", "hold")]
    (tmp_path / "registry-1.001.log").write_text("not JSON: fault-000007\n" + "\n".join(lines), "utf-8")
    confirmed = [(MORNING.timestamp(), "fault-000007"), (MORNING.timestamp(), "fault-000008")]

    told = stories(["one outcome: fault-000007: 0 accepted"], World(products=[record]), confirmed, tmp_path)

    assert told[0] == "### fault-000007"
    assert [line.split(" ", 5)[5] for line in told[2:-1]] == [
        "confirmed fault-000007",
        (
            f"on record: vn.ocop.dossier.filed.v1 fault-000007 of fault-000007: submitted {record.product_code}  → "
            f"{record.announced[0].type} {record.announced[0].id}"
        ),
        "registry-1.001: answer registry.life fault-000007",
    ]


def test_an_event_of_a_service_is_told_with_its_dossiers_story(tmp_path: Path) -> None:
    record, id = accepted("fault-000007", 1), "19a588d9-e830-544f-95da-777c1214fe72"
    world = World(products=[replace(record, announced=(replace(record.announced[0], id=id),))])

    assert stories([f"{id}: announced twice"], world, [], tmp_path)[0] == "### fault-000007"
