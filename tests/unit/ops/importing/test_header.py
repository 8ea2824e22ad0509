"""The header is found wherever it stands, by whatever offices call the columns."""

from collections.abc import Mapping, Sequence

from ops.importing.columns import Header, column_of, columns, header_of, plain

PLAIN = ["STT", "Tên sản phẩm", "Chủ thể", "Số sao"]


def headed(rows: Sequence[Sequence[str]], **named: str) -> dict[str, str]:
    return names(found(rows, named))


def found(rows: Sequence[Sequence[str]], named: Mapping[str, str]) -> Header:
    header = header_of(rows, named)
    assert header
    return header


def names(header: Header) -> dict[str, str]:
    return {each.header: each.column.name for each in header.headed}


def test_titles_above_the_header_are_none() -> None:
    rows = [["DANH SÁCH SẢN PHẨM OCOP"] * 4, ["(Kèm theo Quyết định số 858/QĐ-UBND)", "", "", ""], [""] * 4, PLAIN]

    assert found(rows, {}).ends == 4


def test_headers_are_known_without_their_marks_and_in_capitals() -> None:
    assert headed([["TEN SAN PHAM", "CHU THE", "SO SAO"]]) == {
        "TEN SAN PHAM": "product_name",
        "CHU THE": "producer_name",
        "SO SAO": "stars",
    }


def test_a_header_of_two_rows_is_read_as_one() -> None:
    rows = [
        ["TT", "Tên sản phẩm", "Tên chủ thể", "Quyết định công nhận", "Quyết định công nhận"],
        ["TT", "Tên sản phẩm", "Tên chủ thể", "Số", "Ngày, tháng, năm"],
        ["1", "Bánh tẻ", "HTX Bánh tẻ", "9/QĐ-UBND", "1/2/2024"],
    ]

    header = found(rows, {})

    assert header.ends == 2
    assert [each.column.name for each in header.headed] == [
        "product_name",
        "producer_name",
        "decision",
        "decision_date",
    ]


def test_below_a_header_over_several_columns_each_is_guessed_by_its_own_words() -> None:
    upper = ["TT", "Tên sản phẩm", "Tên chủ thể", "Địa chỉ", "Địa chỉ", "Số sao"]
    lower = ["TT", "Tên sản phẩm", "Tên chủ thể", "Xã", "Huyện", "Số sao"]

    header = found([upper, lower, ["1", "Bánh tẻ", "HTX Bánh tẻ", "Phú Cường", "Ba Vì", "4"]], {})

    assert {each.column.name for each in header.headed} == {
        *("product_name", "producer_name", "commune", "district", "stars"),
    }


def test_a_header_that_has_more_words_is_a_guess() -> None:
    header = found([[*PLAIN, "Mã số thuế (nếu có, ghi đủ 10 số)"]], {})

    assert [(each.column.name, each.header) for each in header.guesses] == [
        ("tax_code", "Mã số thuế (nếu có, ghi đủ 10 số)")
    ]


def test_what_somebody_says_of_a_header_is_no_guess() -> None:
    header = found([["Hàng hóa", "Nhà làm", "Số sao"]], {"hàng hóa": "product_name", "Nhà làm": "producer_name"})

    assert (len(header.headed), header.guesses) == (3, ())


def test_of_two_columns_with_one_meaning_the_first_is_read() -> None:
    header = found([[*PLAIN, "Số sao"]], {})

    assert [each.position for each in header.headed] == [1, 2, 3]
    assert header.unknown == ((0, "STT"), (4, "Số sao"))


def test_rows_without_three_columns_are_no_header() -> None:
    assert header_of([["Tên sản phẩm", "Ghi chú"], ["Bánh tẻ", "Chủ thể"]], {}) is None


def test_no_header_means_two_columns() -> None:
    known = [header for each in columns().values() for header in each.headers]

    assert sorted({each for each in known if known.count(each) > 1}) == []
    assert [each for each in known if plain(each) != each] == []


def test_a_fault_of_the_data_is_one_of_the_column_it_came_from() -> None:
    found = {
        pointer: column.name
        for pointer in ("/certificate/decision/number", "/producer", "/certificate/authority")
        if (column := column_of(pointer))
    }

    assert found == {
        "/certificate/decision/number": "decision",
        "/producer": "tax_code",
        "/certificate/authority": "stars",
    }
    assert column_of("") is None
