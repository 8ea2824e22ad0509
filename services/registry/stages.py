"""What the stages of a round and the filings about them are called when speaking to people: Vietnamese, English."""

from collections.abc import Collection

from shared.contracts.rounds import Stage

#: Behind “Lượt đánh giá 1 …” and “Round 1 …”.
STAGES: dict[Stage, tuple[str, str]] = {
    Stage.AT_COMMUNE: ("đang ở cấp xã, chờ xã đánh giá", "is at the commune, which is to assess it"),
    Stage.RETURNED: (
        "đã được trả lại, chờ chủ thể nộp hồ sơ đã sửa",
        "was returned, and waits for a corrected dossier",
    ),
    Stage.AT_PROVINCE: ("đang ở cấp tỉnh, chờ Hội đồng cấp tỉnh", "is at the province, whose council is to rate it"),
    Stage.AWAITS_PROVINCE: (
        "đã có kết quả của Hội đồng cấp tỉnh, chờ tỉnh quyết định",
        "has the provincial council's result, and waits for the province's decision",
    ),
    Stage.AT_CENTRE: (
        "đang ở Trung ương, chờ Hội đồng cấp Trung ương",
        "is at the centre, whose council is to rate it",
    ),
    Stage.AWAITS_CENTRE: (
        "đã có kết quả của Hội đồng cấp Trung ương, chờ Bộ trưởng quyết định",
        "has the central council's result, and waits for the minister's decision",
    ),
    Stage.BACK_AT_PROVINCE: (
        "đã được Trung ương chuyển về tỉnh, chờ tỉnh quyết định",
        "is back at the province, which is to decide",
    ),
    Stage.CLOSED: ("đã kết thúc", "has ended"),
}


def any_of(stages: Collection[Stage]) -> tuple[str, str]:
    """Return the stages in words, in their order: one, or another."""
    ordered = [STAGES[each] for each in Stage if each in stages]
    return " hoặc ".join(vi for vi, _ in ordered), " or ".join(en for _, en in ordered)
