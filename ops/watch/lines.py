"""News as lines, for pipes and for programs."""

import json
from datetime import datetime

from ops.dead_letters.letter import DeadLetter
from ops.journal.entry import Entry
from ops.journal.printing import json_line, line
from ops.queues.look import Look
from ops.watch.news import News


def as_line(news: News, now: datetime) -> str:
    """Return news as a line for people."""
    match news:
        case Entry():
            return f"event  {line(news)}"
        case Look():
            unusual = f"  {'; '.join(news.unusual)}" if news.unusual else ""
            return f"queue  {now:%Y-%m-%dT%H:%M:%SZ}  {news.queue}  {_counts(news)}{unusual}"
        case DeadLetter():
            at = f"{news.failed_at:%Y-%m-%dT%H:%M:%SZ}" if news.failed_at else "-"
            return f"dead   {at}  {news.queue}  {news.id}  {news.reason}  {news.detail}".rstrip()


def as_json_line(news: News, now: datetime) -> str:
    """Return news as a JSON object on one line; `kind` says which it is."""
    match news:
        case Entry():
            return json.dumps({"kind": "event", **json.loads(json_line(news, with_data=False))}, ensure_ascii=False)
        case Look():
            told = {"kind": "queue", "time": now.isoformat(), "of": news.kind, **_without(news.as_json(), "kind")}
            return json.dumps(told, ensure_ascii=False)
        case DeadLetter():
            return json.dumps({"kind": "dead-letter", **news.as_json()}, ensure_ascii=False)


def _counts(look: Look) -> str:
    in_flight = "" if look.in_flight is None else f", {look.in_flight} in flight"
    return f"{look.waiting if look.waiting is not None else 'no'} waiting{in_flight}, {look.consumers} consumers"


def _without(fields: dict[str, object], name: str) -> dict[str, object]:
    return {key: value for key, value in fields.items() if key != name}
