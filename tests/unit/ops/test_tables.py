"""Tables show what untrusted senders wrote as it is."""

from rich.console import Console, RenderableType

from ops.tables import alike, facts, right, shared_out, table, uncut


def shown(renderable: RenderableType) -> str:
    console = Console(width=60)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def test_what_looks_like_markup_is_text_like_any_other() -> None:
    cells = table("Id", right("Count"), rows=[("[red]a[/red]", "[phone]")], title="Story [b]x")

    assert all(text in shown(cells) for text in ("[red]a[/red]", "[phone]", "Story [b]x"))
    assert "[red]a[/red]" in shown(facts({"name": "[red]a[/red]"}))


def test_a_fact_cannot_rewrite_the_terminal_and_may_be_missing() -> None:
    assert shown(facts({"name": "\x1b[2Ja", "more": None})).split() == ["name", "\ufffd[2Ja", "more"]


def test_each_column_has_its_least_and_what_it_needs_where_there_is_room() -> None:
    assert shared_out(30, [(5, 5), (5, 10), (5, 40)]) == [5, 10, 15]
    assert shared_out(100, [(5, 5), (5, 10), (5, 40)]) == [5, 10, 40]
    assert shared_out(25, [(5, 40), (5, 5), (5, 40)]) == [10, 5, 10]


def test_a_row_that_has_no_room_becomes_a_line_for_each_cell_that_has_something() -> None:
    id, queue = "3f2c2ba5-610b-5c24-9a6e-ab8f28ff8a22", "notifications.dossier-rejected.dead"
    cells = table(uncut("Id"), "Why", uncut("Queue"), rows=[(id, "", queue)], title="Dead letters")

    assert [line.rstrip() for line in shown(cells).splitlines()] == [
        "Dead letters",
        "",
        f"Id     {id}",
        f"Queue  {queue}",
        "",
    ]


def test_a_row_without_cells_draws_a_line() -> None:
    assert shown(table("Part", rows=[("A",), (), ("B",)])).splitlines()[3:6] == ["│ A    │", "├──────┤", "│ B    │"]


def test_tables_of_one_kind_are_all_in_blocks_where_one_has_too_little_room() -> None:
    long = "3f2c2ba5-610b-5c24-9a6e-ab8f28ff8a22"
    short = table(uncut("Id"), uncut("Queue"), rows=[("a", "b")])
    wide = table(uncut("Id"), uncut("Queue"), rows=[(long, long)])

    assert "Id     a" in shown(alike([short, wide], 60)[0])
    assert "│ a" in shown(table(uncut("Id"), uncut("Queue"), rows=[("a", "b")]))
