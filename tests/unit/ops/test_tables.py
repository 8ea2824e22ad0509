"""Tables show what untrusted senders wrote as it is."""

from rich.console import Console, RenderableType

from ops.tables import facts, right, table


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
