"""A portal's table of products and how they are certified: what the register has, and what has come since.

    table = Table("products.sqlite")
    table.take_page(page)        # the data of a register.page
    table.take_event(kind, sequence, data)    # of an event: certificate.issued, 12, {…}
    table.rows()

What is newer wins, by the version of the product's history that told it (`sequence`), in whichever order pages and
events come, once or twice. Needs nothing but Python.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

#: Kind of event → what it makes of the newest certificate of its product. `certificate.superseded` is about the one
#: before, and the newest comes by an event of its own; the others change nothing.
STATES = {
    "certificate.issued": "in-force",
    "certificate.extended": "extended",
    "certificate.expired": "expired",
    "certificate.revoked": "revoked",
}
#: One version may tell that a certificate was issued, extended and has expired since: the later state counts.
STEPS = tuple(STATES)
#: A page shows all of a version, whatever events tell of it.
WHOLE = len(STEPS)

SCHEMA = """
CREATE TABLE IF NOT EXISTS products (
    code TEXT PRIMARY KEY,
    name TEXT, named INTEGER NOT NULL DEFAULT 0,
    number TEXT, stars INTEGER, last_day TEXT, state TEXT, until TEXT, certified INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS progress (after TEXT, complete INTEGER NOT NULL)
"""
NAME = """
INSERT INTO products (code, name, named) VALUES (:code, :name, :at)
ON CONFLICT (code) DO UPDATE SET name = :name, named = :at WHERE named < :at
"""
CERTIFICATE = """
INSERT INTO products (code, number, stars, last_day, state, until, certified)
VALUES (:code, :number, :stars, :last_day, :state, :until, :at)
ON CONFLICT (code) DO UPDATE SET
    number = :number, stars = :stars, last_day = :last_day, state = :state, until = :until, certified = :at
WHERE certified < :at
"""

ROWS = "SELECT code, name, number, stars, last_day, state, until FROM products ORDER BY code"
ROW = "SELECT code, name, number, stars, last_day, state, until FROM products WHERE code = ?"


class Table:
    """The table in a file of SQLite; what was taken is there after a crash. `:memory:` is kept nowhere."""

    def __init__(self, file: str) -> None:
        self._database = sqlite3.connect(file)
        self._database.row_factory = sqlite3.Row
        with self._database:
            self._database.executescript(SCHEMA)
            self._database.execute("INSERT INTO progress SELECT NULL, 0 WHERE NOT EXISTS (SELECT * FROM progress)")

    @property
    def after(self) -> str | None:
        """The code after which the next page is to be asked for; None: from the beginning."""
        found: str | None = self._database.execute("SELECT after FROM progress").fetchone()["after"]
        return found

    @property
    def is_complete(self) -> bool:
        """Whether the last page has come."""
        return bool(self._database.execute("SELECT complete FROM progress").fetchone()["complete"])

    def count(self) -> int:
        """Return how many products there are."""
        return int(self._database.execute("SELECT count(*) FROM products").fetchone()[0])

    def row(self, code: str) -> dict[str, Any] | None:
        """Return a product, None where there is none."""
        return next(self._rows(ROW, code), None)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the products."""
        yield from self._rows(ROWS)

    def take_page(self, page: Mapping[str, Any], *, is_next: bool = True) -> None:
        """Take a page in; `is_next`: it answers the question after our progress."""
        with self._database:
            for row in page["products"]:
                newest = row["certificates"][-1] if row["certificates"] else None
                code, at = row["product_code"], _order(row["sequence"], WHOLE)
                self._database.execute(NAME, {"code": code, "name": row["name"], "at": at})
                self._certify(code, at, newest or {})
            if is_next:
                self._database.execute("UPDATE progress SET after = ?, complete = ?", (page["next"], not page["next"]))

    def take_event(self, kind: str, sequence: int | None, data: Mapping[str, Any]) -> bool:
        """Take an event in, if it says a product's name or how it is certified. Return whether it was news."""
        if sequence is None or not (kind == "product.rated" or kind.startswith("certificate.")):
            return False
        code, name = data["product_code"], data["product_name"] or None
        before = self.row(code)
        with self._database:
            self._database.execute(NAME, {"code": code, "name": name, "at": _order(sequence, 0)})
            if kind in STATES:
                state = "extended" if kind == "certificate.issued" and data.get("until") else STATES[kind]
                self._certify(code, _order(sequence, STEPS.index(kind)), {**data, "state": state})
        return self.row(code) != before

    def _certify(self, code: str, at: int, held: Mapping[str, Any]) -> None:
        certificate: Mapping[str, Any] = held.get("certificate") or {}
        said = {name: certificate.get(name) for name in ("number", "stars", "last_day")}
        how = {name: held.get(name) for name in ("state", "until")}
        self._database.execute(CERTIFICATE, {"code": code, "at": at, **said, **how})

    def _rows(self, query: str, *values: str) -> Iterator[dict[str, Any]]:
        return map(dict, self._database.execute(query, values))


def _order(sequence: int, step: int) -> int:
    """Return what is higher for what is newer: the version first, then the step within it."""
    return sequence * (WHOLE + 1) + step
