"""What the public edition must not give away."""

import datetime as dt
import re
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reporting_copy import QUARTER, Tables, figures_of, reporting_rows

from scrutiny.reports.edition import write_edition
from scrutiny.reports.figures import Figures
from scrutiny.reports.view import Edition, report
from scrutiny.settings import PROJECT
from scrutiny.snapshots.disclosure import DisclosureRule, disclosure_rule, withheld

RULE = disclosure_rule(PROJECT / "seeds", QUARTER)
MOMENT = dt.datetime(2025, 10, 16, tzinfo=dt.UTC)


def public_files(figures: Figures, folder: Path) -> dict[str, bytes]:
    """Every file of the public edition of these figures."""
    edition = Edition("public", "1.0.0", "Version 1.0.0.", MOMENT)
    shown = report(figures, edition, withheld(figures, RULE), RULE.wording, (), {})
    write_edition(shown, figures, folder)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def text_of(name: str, content: bytes, folder: Path) -> str:
    """All the text in a file, whatever it is packed in."""
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(folder / name) as book:
            return "\n".join(book.read(part).decode("utf-8") for part in book.namelist())
    if name.endswith(".parquet"):
        return str(pq.read_table(folder / name).to_pylist())
    return content.decode("utf-8")


def headline(tables: Tables, indicator_id: str) -> dict:
    return next(row for row in tables["mart_scrutiny_quarter"] if row["indicator_id"] == indicator_id)


def series(tables: Tables, indicator_id: str) -> list[dict]:
    """The rows an indicator's chart is drawn from; every month end for a position."""
    rows = [row for row in tables["fct_indicator_value"] if row["indicator_id"] == indicator_id]
    monthly = [row for row in rows if row["basis"] == "month"]
    return monthly or rows


@pytest.mark.parametrize(
    ("numerator", "denominator", "protected"),
    [
        (0, 100, False),
        (1, 100, True),
        (5, 100, True),
        (6, 100, False),
        (94, 100, False),
        (95, 100, True),
        (99, 100, True),
        (100, 100, False),
        (3, None, True),
        (6, None, False),
        (None, 100, True),
    ],
)
def test_counts_of_one_to_five_and_their_complements_are_protected(
    numerator: float | None, denominator: float | None, protected: bool
) -> None:
    assert RULE.protects(numerator, denominator) is protected


@pytest.mark.parametrize(("counted", "protected"), [(0, False), (1, True), (5, True), (6, False)])
def test_an_average_of_one_to_five_people_is_protected_whatever_it_adds_up(
    counted: int, protected: bool
) -> None:
    assert RULE.protects(3, counted, "median") is protected
    assert RULE.protects(900, counted, "mean") is protected


def test_small_counts_withhold_an_indicator_and_workforce_is_exempt() -> None:
    assert withheld(figures_of(reporting_rows()), RULE) == {"CP10"}
    strict = DisclosureRule("1", 1, 5, "nothing", "")
    assert withheld(figures_of(reporting_rows()), strict) == {"CP10", "WF01", "WF02"}


@pytest.mark.parametrize("indicator_id", ["FD07", "LV05", "AD27"])
@pytest.mark.parametrize("place", [0, 2, -5, -2, -1])
@pytest.mark.parametrize("small", [1, 5])
@pytest.mark.parametrize("complement", [False, True])
def test_one_small_count_anywhere_in_the_series_withholds_the_indicator(
    indicator_id: str, place: int, small: int, complement: bool
) -> None:
    tables = reporting_rows()
    row = series(tables, indicator_id)[place]
    row["numerator"] = row["denominator"] - small if complement else small
    assert withheld(figures_of(tables), RULE) == {"CP10", indicator_id}


def test_a_small_headline_withholds_even_where_the_series_does_not_show_it() -> None:
    tables = reporting_rows()
    headline(tables, "LV02")["numerator"] = 4
    assert "LV02" in withheld(figures_of(tables), RULE)


@pytest.mark.parametrize("month", ["2025-06", "2024-09"])
def test_an_earlier_value_that_cannot_be_checked_withholds_the_indicator(month: str) -> None:
    tables = reporting_rows()
    tables["fct_indicator_value"] = [
        row
        for row in tables["fct_indicator_value"]
        if not (row["indicator_id"] == "AD27" and row["month"] == month)
    ]
    assert "AD27" in withheld(figures_of(tables), RULE)


def test_nothing_of_a_withheld_indicator_is_in_any_public_file(version: Path) -> None:
    public = version / "public"
    for path in (path for path in public.rglob("*") if path.is_file()):
        text = text_of(path.name, path.read_bytes() if path.suffix != ".xlsx" else b"", path.parent)
        assert "SENTINEL" not in text, path
        assert "2031" not in text, path
    assert not (public / "tables" / "series" / "CP10.csv").exists()
    for name in ("indicators", "series"):
        assert "CP10" not in pq.read_table(public / "tables" / f"{name}.parquet")["indicator_id"].to_pylist()
        assert "CP10" not in (public / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    page = (public / "index.html").read_text(encoding="utf-8")
    assert len(re.findall("Protection plans open two years or more", page)) == 2  # withheld list, definitions
    assert RULE.wording in page


def test_the_officer_edition_shows_it_and_says_it_is_withheld(version: Path) -> None:
    page = (version / "officer" / "index.html").read_text(encoding="utf-8")
    assert "SENTINEL cause" in page
    assert "Shown here, withheld from the public edition" in page
    assert (version / "officer" / "tables" / "series" / "CP10.csv").exists()


def test_the_public_folder_holds_nothing_only_officers_see(version: Path) -> None:
    public = version / "public"
    names = {path.name for path in public.rglob("*")}
    assert not names & {
        "monthly_counts.csv",
        "monthly_counts.parquet",
        "validation.csv",
        "validation.parquet",
    }
    for path in (path for path in public.rglob("*") if path.is_file()):
        text = text_of(path.name, path.read_bytes() if path.suffix != ".xlsx" else b"", path.parent)
        for secret in ("Officer edition", "d.director", "CIN-8831", "999-cin-2025-09", "not_known"):
            assert secret not in text, (path, secret)


numerators = st.integers(0, 212).map(float)
texts = st.text("abc =<&é", max_size=20)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    small=st.integers(1, 5).map(float),
    place=st.integers(0, 29),
    others=st.lists(numerators, min_size=30, max_size=30),
    rag=st.sampled_from(["red", "amber", "green", "no target", "not rated"]),
    directions=st.tuples(*[st.sampled_from(["better", "worse", "no change", None])] * 2),
    figures=st.tuples(*[st.none() | st.floats(0, 100)] * 5),
    words=st.tuples(*[texts] * 5),
    status=st.sampled_from(["available", "unavailable"]),
)
def test_the_public_edition_does_not_depend_on_what_it_withholds(
    tmp_path_factory: pytest.TempPathFactory,
    small: float,
    place: int,
    others: list[float],
    rag: str,
    directions: tuple[str | None, str | None],
    figures: tuple[float | None, ...],
    words: tuple[str, ...],
    status: str,
) -> None:
    """Whatever a withheld indicator's figures, rating and words are, the public bytes are the same."""
    tables = reporting_rows()
    for row, numerator in zip(series(tables, "CP10"), others, strict=True):
        row |= {"numerator": numerator, "value": round(numerator / 2.12, 1)}
    series(tables, "CP10")[place]["numerator"] = small
    headline(tables, "CP10").update(
        rag=rag,
        direction_short=directions[0],
        direction_long=directions[1],
        status=status,
        **dict(
            zip(
                ("value", "previous_value", "same_quarter_last_year_value", "target", "benchmark_value"),
                figures,
                strict=True,
            )
        ),
        **dict(
            zip(("commentary", "cause", "action", "action_owner", "commentary_author"), words, strict=True)
        ),
    )
    usual = public_files(figures_of(reporting_rows()), tmp_path_factory.mktemp("usual") / "public")
    changed = public_files(figures_of(tables), tmp_path_factory.mktemp("changed") / "public")
    assert changed == usual
