"""CSV files come back as they were sent, with the row numbers of the spreadsheet."""

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scrutiny.datasets import Unreadable, csv_files, headers, layout, spreadsheet_column

EPISODES = layout("ssda903").table("episodes")
REVIEWS = layout("ssda903").table("reviews")
NAMES = [column.name for column in REVIEWS.columns]
BLANKS = " \t\r\n\u00a0"


@dataclass(frozen=True)
class Sent:
    path: Path

    @property
    def name(self) -> str:
        return self.path.name


def read(path: Path) -> pa.Table:
    return csv_files.read(csv_files.recognise(Sent(path), [REVIEWS, EPISODES], None))


@pytest.fixture
def sent(home: Path) -> Path:
    path = home / "reviews.csv"
    path.parent.mkdir()
    return path


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=12)
LATIN_TEXTS = st.text("abcdefghij ,;|\t\"'0123456789éèüñçöÄ’–£", max_size=12)


def written(rows: list[list[str]], separator: str, line_end: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerow(NAMES)
    writer.writerows(rows)
    return text.getvalue()


def expected(rows: list[list[str]]) -> list[dict[str, str | int | None]]:
    """The rows with some text, blanks stripped, under the row numbers a spreadsheet gives them."""
    found = []
    for number, row in enumerate(rows, start=2):
        texts = [text.strip(BLANKS) or None for text in row]
        if any(texts):
            found.append({**dict(zip(NAMES, texts, strict=True)), "row_number": number})
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    rows=st.lists(st.lists(TEXTS, min_size=4, max_size=4), min_size=1, max_size=6),
    separator=st.sampled_from(csv_files.SEPARATORS),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_table_comes_back_whatever_it_is_written_in(
    sent: Path, rows: list[list[str]], separator: str, line_end: str, encoding: str
) -> None:
    assume(expected(rows))
    sent.write_bytes(written(rows, separator, line_end).encode(encoding))
    assert read(sent).to_pylist() == expected(rows)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    rows=st.lists(st.lists(LATIN_TEXTS, min_size=4, max_size=4), min_size=1, max_size=6),
    separator=st.sampled_from(csv_files.SEPARATORS),
)
def test_windows_text_comes_back_or_is_refused_but_never_garbled(
    sent: Path, rows: list[list[str]], separator: str
) -> None:
    assume(expected(rows))
    sent.write_bytes(written(rows, separator, "\r\n").encode("cp1252"))
    try:
        found = read(sent).to_pylist()
    except Unreadable:
        found = None  # too little text to tell; the next test holds the names of the field to it
    assert found in (None, expected(rows))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", csv_files.SEPARATORS)
def test_the_encodings_and_separators_of_the_field(sent: Path, encoding: str, separator: str) -> None:
    rows = [["Zoë Müller", "01/02/2012", "03/04/2025", "PN1"], ["O’Brien–José", "", "£5", "PN2"]]
    sent.write_bytes(written(rows, separator, "\r\n").encode(encoding))
    assert read(sent).to_pylist() == expected(rows)


def test_text_is_trimmed_and_blank_is_null(sent: Path) -> None:
    sent.write_text(
        'CHILD,DOB,REVIEW,REVIEW_CODE\n a b ,\t,"",pn1\n"\u00a0x\n",\u00a0,"  ",0012\n', encoding="utf-8"
    )
    assert [list(row.values()) for row in read(sent).to_pylist()] == [
        ["a b", None, None, "pn1", 2],
        ["x", None, None, "0012", 3],
    ]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        (["1,,,", "2,,,"], [2, 3]),
        (["1,,,", "", "2,,,"], [2, 4]),
        (["", "", "1,,,", "  ", "2,,,", "", ""], [4, 6]),
        (["1,,,", ",,,", " , ,,", "2,,,", ",,,"], [2, 5]),
        (['"1{0}{0}a",,,', "2,,,"], [2, 3]),
        (['"1{0}{0}a",,,', "", '2,"{0}",,""', "3,,,"], [2, 4, 5]),
        (['1,"say ""no""{0}{0}""",,', "", "2,,,"], [2, 4]),
    ],
)
def test_row_numbers_are_those_of_the_spreadsheet(
    sent: Path, body: list[str], numbers: list[int], line_end: str
) -> None:
    lines = ["CHILD,DOB,REVIEW,REVIEW_CODE", *(line.format(line_end) for line in body)]
    sent.write_bytes((line_end.join(lines)).encode())
    table = read(sent)
    assert table["row_number"].to_pylist() == numbers
    assert [text[0] for text in table["CHILD"].to_pylist()] == ["1", "2", "3"][: len(numbers)]


def test_line_ends_may_be_mixed(sent: Path) -> None:
    sent.write_bytes(b'CHILD,DOB,REVIEW,REVIEW_CODE\r\n1,,,\n"2\r\nx",,,\r3,,,')
    assert read(sent).select(["CHILD", "row_number"]).to_pylist() == [
        {"CHILD": "1", "row_number": 2},
        {"CHILD": "2\r\nx", "row_number": 3},
        {"CHILD": "3", "row_number": 4},
    ]


def test_rows_stay_in_order_over_many_blocks(sent: Path) -> None:
    count = 300_000
    with sent.open("w", encoding="utf-8") as file:
        file.write("CHILD,DOB,REVIEW,REVIEW_CODE\n")
        file.writelines(
            f"{row},01/02/2012,03/04/2025,PN1 and something to make it long\n" for row in range(count)
        )
    table = read(sent)
    assert table["CHILD"].to_pylist() == [str(row) for row in range(count)]
    assert table["row_number"].to_pylist() == list(range(2, count + 2))


def test_columns_may_come_in_any_order_and_keep_their_letters(sent: Path) -> None:
    sent.write_text("REVIEW_CODE,CHILD,REVIEW,DOB\nPN1,7,03/04/2025,01/02/2012\n", encoding="utf-8")
    table = read(sent)
    assert table.column_names == [*NAMES, "row_number"]
    assert table.to_pylist()[0]["CHILD"] == "7"
    assert [spreadsheet_column(table, name) for name in NAMES] == ["B", "D", "C", "A"]
    assert (table.schema.metadata or {})[b"file"] == b"reviews.csv"


@pytest.mark.parametrize(("position", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (703, "AAA")])
def test_column_letters(position: int, letters: str) -> None:
    assert headers.letter(position) == letters


def test_what_duckdb_says_of_a_broken_row_is_not_passed_on(sent: Path) -> None:
    sent.write_text("CHILD,DOB,REVIEW,REVIEW_CODE\nQuibblesworth,1,2\n", encoding="utf-8")
    with pytest.raises(Unreadable) as caught:
        read(sent)
    assert caught.value.where == "reviews.csv, row 2"
    error: BaseException | None = caught.value
    assert error.__suppress_context__
    assert "Quibblesworth" not in str(error)


def test_a_tidied_copy_does_not_stay(sent: Path) -> None:
    sent.write_bytes(codecs.BOM_UTF8 + b"CHILD,DOB,REVIEW,REVIEW_CODE\n\n1,,,\n")
    assert read(sent)["row_number"].to_pylist() == [3]
    assert [path for path in sent.parent.rglob("*") if path.is_file()] == [sent]
