"""The way of a round as docs/lifecycle.md draws it, from the table that the code uses: `make life-cycle`."""

import re
from pathlib import Path

from services.registry.rounds import MOVES, Move, Step
from services.registry.stages import STAGES
from shared.contracts.rounds import Stage

PAGE = Path(__file__).parents[1] / "docs" / "lifecycle.md"
#: What stands between these lines of the page is written by this module.
_WRITTEN = re.compile(r"(?<=<!-- from the table of moves -->\n).*(?=<!-- to here -->)", re.DOTALL)

#: What each step is, for the page.
STEPS: dict[Step, str] = {
    Step.FILED: "a dossier is accepted (`dossier.filed`)",
    Step.CORRECTED: "a corrected dossier of the same kind; the commune has its 15 working days anew",
    Step.CORRECTED_FOR_PROVINCE: "the same, where the province had asked for it to come back to itself",
    Step.ANSWERS_TURNED_BACK: "the score sheet does not know the answers (`assessment.rejected`)",
    Step.FORWARDED: "the commune sends it on, with the four contents of Form 03 (`commune.assessed`)",
    Step.RETURNED_BY_COMMUNE: "the commune sends it back, with every reason (`commune.assessed`)",
    Step.RETURNED_BY_PROVINCE: "the province's office asks for a completed dossier (`dossier.returned`)",
    Step.RATED_FROM_THREE_STARS: "the provincial council gives 3 stars or more (`council.result`)",
    Step.RATED_BELOW_THREE_STARS: "it gives fewer, or eliminates the product: no decision (`council.result`)",
    Step.REFERRED: "the province sends it on to the ministry: 90 points or more, or, where the offices have settled it "
    "so, a re-evaluation of a product of 5 stars without a council of the province (`result.approved`)",
    Step.CENTRE_GAVE_FIVE_STARS: "the central council gives 5 stars (`council.result`)",
    Step.CENTRE_GAVE_FEWER: "it gives fewer: the province recognises at most as many, or holds a council again",
    Step.RECOGNISED_BY_PROVINCE: "3 or 4 stars, not above the council's: a certificate (`recognition.decided`)",
    Step.RECOGNISED_BY_CENTRE: "5 stars by the minister: a certificate (`recognition.decided`)",
    Step.NOT_ABOVE_PRESENT_STARS: "an upgrade that ends at or below the present stars: the certificate stays",
    Step.REFUSED: "who has it ends it without a certificate: the ministry while it is at the centre, else the province "
    "(`recognition.refused`)",
    Step.WITHDRAWN: "who filed the dossier takes it back (`dossier.withdrawn`)",
    Step.REVOKED: "the product's certificate is revoked (`recognition.revoked`)",
    Step.TAKEN_OVER: "a re-evaluation takes over an upgrade's round that no council has rated yet",
    Step.REDONE: "the ministry asks for it to be done anew (`recognition.revoked`, ground `redo`)",
}


def publish(page: Path = PAGE) -> None:
    """Write what the page has of the table of moves anew."""
    page.write_text(with_moves(page.read_text("utf-8")), "utf-8")


def with_moves(page: str) -> str:
    """Return the page with the diagram and the list of the table of moves."""
    return _WRITTEN.sub(lambda _: f"\n{_diagram()}\n\n{_stages()}\n\n{_steps()}\n\n", page)


def _diagram() -> str:
    """Return the moves that lead from one stage to another; what may end any open round is said once."""
    drawn = [line for step, move in MOVES.items() for line in _arrows(step, move)]
    anywhere = ", ".join(step.value for step, move in MOVES.items() if _is_anywhere(move) and move.closing)
    note = [f"    note right of {_name(Stage.CLOSED)}", f"        from every open stage: {anywhere}", "    end note"]
    return "\n".join(["```mermaid", "stateDiagram-v2", *drawn, *note, "```"])


def _arrows(step: Step, move: Move) -> list[str]:
    after = _name(move.after)
    if not move.before:
        return [f"    [*] --> {after}: {step.value}"]
    if _is_anywhere(move):
        return [] if move.closing else [f"    {_name(Stage.CLOSED)} --> {after}: {step.value}"]
    return [f"    {_name(stage)} --> {after}: {step.value}" for stage in Stage if stage in move.before]


def _is_anywhere(move: Move) -> bool:
    return move.before >= frozenset(Stage) - {Stage.CLOSED}


def _name(stage: Stage) -> str:
    return stage.value.replace("-", "_")


def _stages() -> str:
    rows = [f"| `{stage}` | {en} | {vi} |" for stage, (vi, en) in STAGES.items()]
    return "\n".join(["| stage | the round … | lượt đánh giá … |", "| --- | --- | --- |", *rows])


def _steps() -> str:
    rows = [_row(step, move) for step, move in MOVES.items()]
    head = ["| step | from | to | what | article |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows])


def _row(step: Step, move: Move) -> str:
    before = ", ".join(f"`{stage}`" for stage in Stage if stage in move.before)
    if _is_anywhere(move):
        before = "every open one" if Stage.CLOSED not in move.before else "every one"
    closing = f" ({move.closing})" if move.closing else ""
    return f"| `{step}` | {before or '–'} | `{move.after}`{closing} | {STEPS[step]} | {move.article or '–'} |"


if __name__ == "__main__":
    publish()
