"""What the public edition must not give away."""

import datetime as dt
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from documents import pdf_text, word_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import html
from reporting_copy import (
    FROZEN,
    MONTHS,
    QUARTER,
    Tables,
    figures_of,
    made_up,
    reporting_rows,
    write_reporting_copy,
)

from scrutiny.periods import Month
from scrutiny.reports.edition import write_edition
from scrutiny.reports.figures import Figures
from scrutiny.reports.open_data import OPEN_DATA, write_open_data
from scrutiny.reports.view import Edition, report
from scrutiny.reports.words import small_counts
from scrutiny.settings import PROJECT
from scrutiny.snapshots import freeze
from scrutiny.snapshots.disclosure import (
    Decision,
    decide,
    disclosure_rule,
    public_figures,
    withheld_months,
)

RULE = disclosure_rule(PROJECT / "seeds", QUARTER)
MOMENT = dt.datetime(2025, 10, 16, tzinfo=dt.UTC)


def decided(tables: Tables, rules: Path = PROJECT / "seeds") -> Decision:
    """What the public edition shows of these rows if nothing was published before."""
    return decide(figures_of(tables), rules, [])


def withheld(tables: Tables) -> dict[tuple[str, str], str]:
    """What is withheld, by indicator and month, with the reason."""
    return {(key[0], key[2]): reason for key, reason in decided(tables).withheld.items()}


def public_files(figures: Figures, folder: Path) -> dict[str, bytes]:
    """Every file of the public edition of these figures."""
    edition = Edition("public", "1.0.0", "Version 1.0.0.", MOMENT)
    decision = decide(figures, PROJECT / "seeds", [])
    cleared = public_figures(figures, decision, PROJECT / "seeds")
    shown = report(cleared, edition, withheld_months(decision), RULE.wording, (), {})
    write_edition(shown, cleared, folder)
    write_open_data(shown, figures.authority, {}, folder / OPEN_DATA)
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def text_of(name: str, content: bytes, folder: Path) -> str:
    """All the text in a file, whatever it is packed in."""
    if name.endswith(".pdf"):
        return pdf_text(content)
    if name.endswith(".docx"):
        return word_text(content)
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


def test_small_counts_are_withheld_and_workforce_is_exempt(tmp_path: Path) -> None:
    assert {name for name, _ in withheld(reporting_rows())} == {"CP10"}
    rules = tmp_path / "seeds"
    shutil.copytree(PROJECT / "seeds", rules)
    path = rules / "disclosure_rules.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Workforce", "nothing"), encoding="utf-8")
    assert {key[0] for key in decided(reporting_rows(), rules).withheld} == {"CP10", "WF01", "WF02"}


@pytest.mark.parametrize("indicator_id", ["FD07", "LV05", "AD27"])
@pytest.mark.parametrize("place", [0, 2, -5, -2, -1])
@pytest.mark.parametrize("small", [1, 5])
@pytest.mark.parametrize("complement", [False, True])
def test_one_small_count_anywhere_in_the_series_is_withheld_and_no_other_figure(
    indicator_id: str, place: int, small: int, complement: bool
) -> None:
    tables = reporting_rows()
    usual = withheld(tables)
    row = series(tables, indicator_id)[place]
    row["numerator"] = row["denominator"] - small if complement else small
    if row["month"] == str(QUARTER.months[2]):
        headline(tables, indicator_id)["numerator"] = row["numerator"]
    assert withheld(tables) == usual | {(indicator_id, row["month"]): "primary"}


def test_a_small_headline_is_withheld_even_where_the_series_does_not_show_it() -> None:
    tables = reporting_rows()
    headline(tables, "LV02")["numerator"] = 4
    assert withheld(tables)["LV02", str(QUARTER.months[2])] == "primary"


@pytest.mark.parametrize("month", ["2025-06", "2024-09"])
def test_an_earlier_value_that_cannot_be_checked_is_withheld(month: str) -> None:
    tables = reporting_rows()
    tables["fct_indicator_value"] = [
        row
        for row in tables["fct_indicator_value"]
        if not (row["indicator_id"] == "AD27" and row["month"] == month)
    ]
    assert withheld(tables)["AD27", month] == "primary"


def test_nothing_of_a_withheld_indicator_is_in_any_public_file(version: Path) -> None:
    public = version / "public"
    for path in (path for path in public.rglob("*") if path.is_file()):
        text = text_of(path.name, path.read_bytes() if path.suffix != ".xlsx" else b"", path.parent)
        assert "SENTINEL" not in text, path
        assert "2031" not in text, path
    assert not (public / "tables" / "series" / "CP10.csv").exists()
    for name in ("indicators", "series"):
        rows = [
            row
            for row in pq.read_table(public / "tables" / f"{name}.parquet").to_pylist()
            if row["indicator_id"] == "CP10"
        ]
        assert rows, name
        for row in rows:
            assert row["status"] == "withheld"
            assert {row[number] for number in ("numerator", "denominator", "value")} == {None}
    page = html.fromstring((public / "child-protection.html").read_bytes())
    article = " ".join(page.get_element_by_id("CP10").iterancestors("article").__next__().itertext())
    assert "Protection plans open two years or more: withheld [c] to protect people" in article
    assert "Its figures are withheld [c] to protect people, so there is no chart." in article
    assert not re.search(r"\d", article.replace("target 3.0%", ""))
    assert RULE.wording in (public / "quality.html").read_text(encoding="utf-8")


def test_a_withheld_figure_is_a_word_and_a_symbol_and_never_blank(tmp_path: Path) -> None:
    tables = reporting_rows()
    earlier = str(QUARTER.months[2] - 3)
    for row in series(tables, "AD27"):
        if row["month"] == earlier:
            row["numerator"] = 4.0
    public_files(figures_of(tables), tmp_path / "public")
    page = html.fromstring((tmp_path / "public" / "adult-social-care.html").read_bytes())
    article = page.get_element_by_id("AD27").iterancestors("article").__next__()
    (hidden,) = [row for row in article.xpath(".//tbody/tr") if "withheld" in row.text_content()]
    assert [cell.text_content() for cell in hidden] == ["June 2025", *["withheld [c]"] * 3]
    said = " ".join(article.itertext())
    assert "Gaps: 1 withheld [c]." in said
    assert "Gaps: 1 of the figures are withheld [c]." in said
    assert "The comparison with last quarter is withheld [c]" in said
    assert len(article.xpath(".//*[local-name()='polyline']")) == 2
    book = openpyxl.load_workbook(tmp_path / "public" / "workbook.xlsx")
    (row,) = [
        [cell.value for cell in row]
        for row in book["Series"].iter_rows()
        if row[0].value == "AD27" and row[2].value == earlier
    ]
    assert row[4:7] == ["[c]"] * 3
    assert row[9] == "withheld"


def test_the_officer_edition_shows_it_and_says_it_is_withheld(version: Path) -> None:
    officer = version / "officer"
    for name, said in {
        "child-protection": ("SENTINEL cause", "CP10 is expected to stay where it is."),
        "ahead": ("SENTINEL finding",),
        "together": ("SENTINEL picture",),
        "budget": ("SENTINEL reason", "SENTINEL narrative", "SENTINEL placement", "£77,001"),
        "actions": ("SENTINEL promise", "SENTINEL progress"),
        "quality": ("Shown here, withheld from the public edition",),
    }.items():
        page = (officer / f"{name}.html").read_text(encoding="utf-8")
        assert all(text.lower() in page.lower() for text in said), name
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
        for secret in (
            *("Officer edition", "d.director", "CIN-8831", "999-cin-2025-09", "not_known"),
            *("77,001", "88,002", "165,003"),  # from which numbers of people could be worked out
        ):
            assert secret not in text, (path, secret)


JUDGEMENTS = ("mart_spc_series", "mart_spc_point", "mart_forecast", "mart_early_warning")


def judged(figures: Figures) -> dict[str, set[str]]:
    """The indicators that each table of judgements speaks of."""
    return {name: {row["indicator_id"] for row in figures.rows(name)} for name in JUDGEMENTS}


def cleared(tables: Tables) -> Figures:
    """What the public edition may show of these rows."""
    figures = figures_of(tables)
    return public_figures(figures, decide(figures, PROJECT / "seeds", []), PROJECT / "seeds")


@pytest.mark.parametrize("place", [0, -1])
def test_one_small_month_takes_every_judgement_of_its_indicator_and_no_other(place: int) -> None:
    tables = reporting_rows()
    usual = judged(cleared(tables))
    assert "FD11" in usual["mart_spc_series"] & usual["mart_forecast"]
    counts = [row for row in tables["fct_measure_month"] if row["indicator_id"] == "FD11"]
    counts[place]["numerator"] = 3  # a month of a longer window: readers see no figure of it
    assert {key[0] for key in decided(tables).withheld} == {"CP10"}
    assert judged(cleared(tables)) == {name: found - {"FD11"} for name, found in usual.items()}


def test_judgements_say_no_figure_that_no_public_page_shows() -> None:
    shown = cleared(reporting_rows())
    forecasts = shown.rows("mart_forecast")
    assert forecasts
    assert {(row["figure_to_date"], row["straight_line"]) for row in forecasts} == {(None, None)}
    warnings = {row["rule_id"]: row["finding"] for row in shown.rows("mart_early_warning")}
    assert warnings.keys() == {"turned_red", "special_cause"}
    assert warnings["special_cause"] in ("Within what chance explains.", "Above what chance explains.")
    assert shown.rows("mart_spc_point") == []  # single months of what is published by quarter or year


def monthly(tables: Tables) -> set[str]:
    return {row["indicator_id"] for row in cleared(tables).rows("mart_spc_point")}


def test_a_control_chart_is_public_where_every_one_of_its_points_is() -> None:
    made = [replace(each, basis="month") for each in made_up() if each.indicator_id == "FD11"]
    assert monthly(reporting_rows(made)) == {"FD11"}
    hidden = reporting_rows(made)
    series(hidden, "FD11")[5]["numerator"] = 2
    assert monthly(hidden) == set()
    older = reporting_rows(made)
    older["mart_spc_point"].append(older["mart_spc_point"][0] | {"month": "2019-04"})
    assert monthly(older) == set()


def test_a_rating_or_direction_that_is_withheld_takes_the_joint_picture_with_it() -> None:
    tables = reporting_rows()
    assert {row["reading_group"] for row in cleared(tables).rows("mart_read_together")} == {"lasting_help"}
    place = next(row for row in series(tables, "FD07") if row["month"] == "2025-06")
    place["numerator"] = 3
    assert cleared(tables).rows("mart_read_together") == []


few = st.integers(1, 5).map(float)
texts = st.text("abc =<&é", max_size=20)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numerators=st.lists(few, min_size=30, max_size=30),
    complement=st.booleans(),
    rag=st.sampled_from(["red", "amber", "green", "no target"]),
    chance=st.floats(0, 1),
    directions=st.tuples(*[st.sampled_from(["better", "worse", "no change", None])] * 2),
    words=st.tuples(*[texts] * 5),
)
def test_the_public_edition_does_not_depend_on_what_it_withholds(
    tmp_path_factory: pytest.TempPathFactory,
    numerators: list[float],
    complement: bool,
    rag: str,
    chance: float,
    directions: tuple[str | None, str | None],
    words: tuple[str, ...],
) -> None:
    """Whatever withheld figures, their rating and words are, the public bytes are the same."""
    tables = reporting_rows()
    counts = [212 - number if complement else number for number in numerators]
    values = [round(number / 2.12, 1) for number in counts]
    for row in (row for row in tables["fct_indicator_value"] if row["indicator_id"] == "CP10"):
        place = MONTHS.index(Month.parse(row["month"]))
        row |= {"numerator": counts[place], "value": values[place]}
    for row, number in zip(
        (row for row in tables["fct_measure_month"] if row["indicator_id"] == "CP10"), counts, strict=True
    ):
        row["numerator"] = number
    headline(tables, "CP10").update(
        numerator=counts[-1],
        value=values[-1],
        previous_value=values[-4],
        same_quarter_last_year_value=values[-13],
        rag=rag,
        direction_short=directions[0],
        direction_long=directions[1],
        **dict(
            zip(("commentary", "cause", "action", "action_owner", "commentary_author"), words, strict=True)
        ),
    )
    for name in ("mart_spc_series", "mart_forecast", "mart_early_warning"):
        for row in (row for row in tables[name] if row["indicator_id"] == "CP10"):
            row |= {"variation": rag, "variation_reason": words[0], "outlook": words[1], "finding": words[2]}
            row |= {"outturn": values[0], "upper_outturn": values[1], "probability_of_meeting": chance}
            row |= {"forecast_rag": rag, "assurance": words[3], "is_new": complement}
    for row in tables["mart_read_together"]:
        row |= {"picture": words[4]} if row["reading_group"] == "plans" else {}
    usual = public_files(figures_of(reporting_rows()), tmp_path_factory.mktemp("usual") / "public")
    changed = public_files(figures_of(tables), tmp_path_factory.mktemp("changed") / "public")
    assert changed == usual


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Three children moved, and 2 of them twice.", ["2", "Three"]),
        ("One child was placed out of the county; five plans lapsed.", ["One", "five"]),
        ("It fell by 3 points in two years, to 4.5% or £5 a day; one-off work on 3/4.", []),
        ("Two fifths work; 12 do not, and 25 others may.", []),
    ],
)
def test_words_that_may_count_few_people_are_found(text: str, found: list[str]) -> None:
    assert sorted(small_counts(text, range(1, 6))) == found


def test_the_author_is_warned_of_small_numbers_in_the_officer_edition_alone(reporting: Path) -> None:
    tables = reporting_rows()
    headline(tables, "FD07")["commentary"] = "Three children of one family came back."
    tables["mart_action"][0]["progress"] = "Four families were asked."
    write_reporting_copy(reporting, tables)
    draft = freeze(QUARTER, "run", FROZEN)
    pages = {
        (edition, name): (draft / edition / f"{name}.html").read_text(encoding="utf-8")
        for edition in ("officer", "public")
        for name in ("index", "front-door", "actions")
    }
    assert "name a small number (Three, one)" in pages["officer", "front-door"]
    assert "name a small number (Four)" in pages["officer", "actions"]
    assert {key[0] for key, page in pages.items() if "Check before sign-off" in page} == {"officer"}
    assert "Check before sign-off" in pages["officer", "index"]
