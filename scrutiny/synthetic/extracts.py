"""Writes the extracts of the synthetic authority into an inbox, month by month, in the real file formats."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from scrutiny import datasets
from scrutiny.declarations import feeds
from scrutiny.periods import TERM_EXTRACT_MONTHS, FinancialYear, Month, Quarter, SchoolTerm, working_day
from scrutiny.synthetic import (
    adult_services,
    adults,
    annex_a,
    child_services,
    children,
    cin,
    cld,
    council,
    practice,
    reference,
    replacement,
    school_census,
    ssda903,
    workforce,
)
from scrutiny.synthetic.defects import as_text, plant
from scrutiny.synthetic.draws import Array, Table, either, stream
from scrutiny.synthetic.scenario import scenario
from scrutiny.synthetic.writers import (
    census_table,
    commentary_table,
    establishment_table,
    write_csv,
    write_workforce_census,
    write_zip,
)

SEED = 20250930
CLOSING_DAYS = (
    91  # a closed year's return, or a quarter's file, holds what was recorded some time after its end
)
WINDOW_DAYS = 30


@dataclass(frozen=True)
class Authority:
    """The simulated lives of one authority, from which any month's extracts can be written."""

    code: str
    seed: int
    young: int
    grown: int
    children: children.Children
    adults: adults.Adults
    workforce: workforce.Workforce

    @property
    def has_story(self) -> bool:
        """Whether the scenario tells of this authority; its partner sends returns, posts and ledger only."""
        return bool(self.code == scenario()["authority"]["code"])


def authorities(population: int) -> dict[str, int]:
    """The authority of the story and its small partner: people by authority code, 2,000 at least."""
    partner = scenario()["partner"]
    return {
        scenario()["authority"]["code"]: population,
        partner["code"]: max(2_000, round(population * partner["share"])),
    }


def simulate(authority_code: str = "999", population: int = 260_000, seed: int = SEED) -> Authority:
    """Simulate an authority of so many people, 2,000 to 5 million. Same arguments, same lives.

    Authorities of one seed live apart: the code is part of it.
    """
    if not 2_000 <= population <= 5_000_000:
        raise ValueError(f"a population of {population} is outside 2,000 (a village) to 5,000,000 (a region)")
    shares = scenario()["population"]
    if authority_code != scenario()["authority"]["code"]:
        seed = seed * 1_000 + int(authority_code)
    young, working, older = (round(population * share) for share in shares.values())
    return Authority(
        authority_code,
        seed,
        young,
        working + older,
        children.live(seed, young),
        adults.live(seed, working, older),
        workforce.live(seed, young),
    )


def write_extracts(
    inbox: Path,
    *,
    authority_code: str = "999",
    population: int = 260_000,
    seed: int = SEED,
    months: tuple[str, ...] = ("2025-07", "2025-08", "2025-09"),
    history: bool = True,
) -> list[Path]:
    """Write every extract of some load months into ``inbox/<authority>/<dataset>/<month>``.

    Each month's files are full extracts as known at that month's end. With ``history`` the first month also
    brings the closed years back to April 2023. Returns the files written, in order. Raises PeriodError for
    a month that is not one, ValueError for a month outside the simulated time or an impossible population.
    """
    wanted = sorted(Month.parse(month) for month in months)
    until = Month.of(np.datetime64(scenario()["calendar"]["lives_to"]).astype(object))
    for month in wanted:
        if not Month(2025, 4) <= month <= until:
            raise ValueError(f"the simulated authority has extracts for 2025-04 to {until}, not for {month}")
    authority = simulate(authority_code, population, seed)
    written: list[Path] = []
    for index, month in enumerate(wanted):
        of_month = write_month(inbox, authority, month)
        if history and index == 0:
            of_month += write_history(inbox, authority, month)
        _date(of_month, inbox, authority, month)
        written += of_month
    return written


def _date(files: list[Path], inbox: Path, authority: Authority, month: Month) -> None:
    """Give the files of a month the time they would have been sent: the afternoon before they are due.

    The scenario says which extract is late, and by how much.
    """
    late = scenario()["deliveries"]["late"]
    due = {feed.dataset: feed.due_working_day for feed in feeds() if feed.authority_code == authority.code}
    for file in files:
        dataset = file.relative_to(inbox / authority.code).parts[0]
        number = due.get(dataset, 5) - 1
        if authority.has_story and (str(month), dataset) == (late["month"], late["dataset"]):
            number += 1 + late["working_days"]
        sent = dt.datetime.combine(working_day(month + 1, max(number, 1)), dt.time(15), dt.UTC).timestamp()
        os.utime(file, (sent, sent))


def _folder(inbox: Path, authority: Authority, dataset: str, month: Month) -> Path:
    folder = inbox / authority.code / dataset / str(month)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _dirty(
    authority: Authority, dataset: str, name: str, label: str, table: Table, cutoff: np.datetime64
) -> Table:
    """A table with its planted defects; the same for the same file whatever else is written."""
    rng = stream(authority.seed, 9, zlib.crc32(f"{dataset}/{name}/{label}".encode()))
    return plant(rng, dataset, name, table, cutoff)


def write_month(inbox: Path, authority: Authority, month: Month) -> list[Path]:
    """Write the extracts the feeds drop in one load month."""
    end, year = np.datetime64(month.end), month.financial_year
    plan = scenario()["deliveries"]
    mistaken = plan["mistaken"]["month"] == str(month) and authority.has_story
    written = _write_903(inbox, authority, month, year, end, end, mistaken=mistaken)
    if authority.has_story:
        written += _write_replacement(inbox, authority, month)
    if not (authority.has_story and replacement.new_feed().counts(month)):
        written.append(_write_cin(inbox, authority, month, year, end, end))
    written.append(_write_cld(inbox, authority, month, end, end))
    path = _folder(inbox, authority, "establishment", month) / f"establishment_{month}.csv"
    written.append(_write_establishment(path, authority, np.array([str(month)], dtype="datetime64[M]")))
    written += _write_council(inbox, authority, month)
    if authority.has_story:
        written += _write_annex_a(inbox, authority, month)
        written += _write_school_census(inbox, authority, month)
        written += _write_services(inbox, authority, month)
    if month.number == 9:
        written.append(_write_csww(inbox, authority, month, month.year))
    if month.number % 3 == 0:
        written += _write_commentary(inbox, authority, month, month.quarter)
    if plan["duplicate"]["month"] == str(month) and authority.has_story:
        source = inbox / authority.code / plan["duplicate"]["file"]
        if source.exists():
            again = source.parent.with_name(str(month)) / source.name
            written.append(Path(shutil.copyfile(source, again)))
    return written


def write_history(inbox: Path, authority: Authority, month: Month) -> list[Path]:
    """Write what the first load month brings besides its own: reference lists, closed years and quarters."""
    written: list[Path] = []
    begin = Month.parse(scenario()["calendar"]["history_from"])
    # The closed years are in the replaced system, which counts before its successor does.
    last_of_old = Month.parse(replacement.new_feed().counts_from or "") - 1
    month_of_old = min(month, last_of_old) if authority.has_story else month
    load_end, this_year = np.datetime64(month.end), month.financial_year
    for dataset, table in (
        ("providers", reference.providers_table(authority.children, authority.code)),
        ("postcodes", reference.postcodes_table(authority.children, authority.code)),
    ):
        path = _folder(inbox, authority, dataset, month) / f"{dataset}_{month}.csv"
        write_csv(table, path)
        written.append(path)
    for start_year in range(begin.year, this_year.start_year):
        year = FinancialYear(start_year)
        end = np.datetime64(year.end)
        known = min(end + CLOSING_DAYS, load_end)
        written += _write_903(inbox, authority, month, year, end, known)
        written.append(_write_cin(inbox, authority, month_of_old, year, end, known))
    for text in scenario()["school_census"]["history"] if authority.has_story else ():
        written += _write_term(inbox, authority, month, SchoolTerm.parse(text))
    for year_of_census in range(begin.year, month.year):
        written.append(_write_csww(inbox, authority, month, year_of_census))
    quarter = (begin + 11).quarter
    while quarter.end < month.start:
        end = np.datetime64(quarter.end)
        written.append(_write_cld(inbox, authority, month, end, min(end + WINDOW_DAYS, load_end)))
        quarter = quarter + 1
    months = np.arange(np.datetime64(str(begin)), np.datetime64(str(month)))
    folder = _folder(inbox, authority, "establishment", month)
    written.append(_write_establishment(folder / f"establishment_{begin}_{month - 1}.csv", authority, months))
    written += _write_commentary(inbox, authority, month, month.quarter - 1)
    for dataset, rows in (
        ("benchmarks", council.benchmarks() if authority.has_story else []),
        ("populations", council.populations(authority.code)),
        ("surveys", adult_services.survey_results() if authority.has_story else []),
    ):
        if rows:
            path = _folder(inbox, authority, dataset, month) / f"{dataset}_{month.year}.csv"
            write_csv(_columns(rows), path)
            written.append(path)
    return written


def _write_903(
    inbox: Path,
    authority: Authority,
    month: Month,
    year: FinancialYear,
    cutoff: np.datetime64,
    known: np.datetime64,
    *,
    mistaken: bool = False,
) -> list[Path]:
    tables = ssda903.return_903(authority.children, authority.workforce, year, cutoff, known)
    label = f"{year}/{cutoff}"
    names = {"placed_for_adoption": "placed_adoption", "sw_episodes": "social_worker_episodes"}
    tables = {
        name: _dirty(authority, "ssda903", names.get(name, name), label, table, cutoff)
        for name, table in tables.items()
    }
    folder = _folder(inbox, authority, "ssda903", month)
    written: list[Path] = []
    if mistaken:
        wrong = dict(tables["oc3"])
        wrong["ACTIV"] = either(wrong["IN_TOUCH"] == "YES", "F2", wrong["ACTIV"])
        written += _write_tables(tables | {"oc3": wrong}, folder / f"ssda903_{year}")
        return written + _write_tables(tables, folder / f"ssda903_{year}_corrected")
    if str(month) in scenario()["deliveries"]["zipped"] and year == month.financial_year:
        with TemporaryDirectory() as scratch:
            files = _write_tables(tables, Path(scratch))
            archive = folder / f"ssda903_{year}.zip"
            write_zip({f"ssda903_{year}/{file.name}": file for file in files}, archive)
        return [archive]
    return written + _write_tables(tables, folder / f"ssda903_{year}")


def _write_tables(tables: dict[str, Table], folder: Path) -> list[Path]:
    paths = [folder / f"{name}.csv" for name in tables]
    for path, table in zip(paths, tables.values(), strict=True):
        write_csv(table, path)
    return paths


def _write_cin(
    inbox: Path,
    authority: Authority,
    month: Month,
    year: FinancialYear,
    cutoff: np.datetime64,
    known: np.datetime64,
) -> Path:
    path = _folder(inbox, authority, "cin", month) / f"cin_census_{year}.xml"
    cin.write(_census(authority, year, cutoff, known), path, year, authority.code, known)
    return path


def _census(
    authority: Authority, year: FinancialYear, cutoff: np.datetime64, known: np.datetime64
) -> dict[str, Table]:
    return {
        name: _dirty(authority, "cin", name, f"{year}/{cutoff}", table, cutoff)
        for name, table in cin.census(authority.children, year, cutoff, known).items()
    }


def _write_replacement(inbox: Path, authority: Authority, month: Month) -> list[Path]:
    """The census of the new system and the map of its identifiers, from when both run."""
    if not (replacement.is_parallel(month) or replacement.new_feed().counts(month)):
        return []
    end, year, lives = np.datetime64(month.end), month.financial_year, authority.children
    rng = stream(authority.seed, 10, month.year * 12 + month.number)
    census = replacement.new_census(rng, _census(authority, year, end, end), lives, month)
    path = inbox / replacement.new_feed().location / str(month) / f"cin_census_{year}.xml"
    path.parent.mkdir(parents=True, exist_ok=True)
    cin.write(census, path, year, authority.code, end)
    table = replacement.identifier_map(rng, lives, month, end)
    dirty = _dirty(authority, "identifier_map", "identifiers", str(month), table, end)
    map_path = _folder(inbox, authority, "identifier_map", month) / f"identifier_map_{month}.csv"
    write_csv(dirty, map_path)
    return [path, map_path]


def _write_cld(
    inbox: Path, authority: Authority, month: Month, cutoff: np.datetime64, known: np.datetime64
) -> Path:
    table = cld.file_of(authority.adults, datasets.authority(authority.code).cassr_code, cutoff, known)
    path = _folder(inbox, authority, "cld", month) / f"cld_{cutoff}.csv"
    write_csv(_dirty(authority, "cld", "events", str(cutoff), table, cutoff), path)
    return path


def _write_establishment(path: Path, authority: Authority, months: Array) -> Path:
    table = establishment_table(authority.workforce, months)
    cutoff = months[-1].astype("datetime64[D]")
    write_csv(_dirty(authority, "establishment", "posts", path.name, table, cutoff), path)
    return path


def _write_csww(inbox: Path, authority: Authority, month: Month, year: int) -> Path:
    rows, vacancies = workforce.census(authority.workforce, year)
    cutoff = np.datetime64(f"{year}-09-30")
    table = _dirty(authority, "csww", "workers", str(year), census_table(rows), cutoff)
    path = _folder(inbox, authority, "csww", month) / f"csww_{year}.xml"
    write_workforce_census(table, vacancies, path, year, authority.code)
    return path


def _write_annex_a(inbox: Path, authority: Authority, month: Month) -> list[Path]:
    """The eleven lists as one workbook, or in some months as a CSV file each."""
    end = np.datetime64(month.end)
    name = datasets.authority(authority.code).authority_name
    lists = annex_a.lists(authority.children, authority.workforce, authority.seed, name, month)
    tables = {
        listed: _dirty(authority, "annex_a", listed, str(month), table, end)
        for listed, table in lists.items()
    }
    path = _folder(inbox, authority, "annex_a", month) / f"annex_a_{month}.xlsx"
    if str(month) in scenario()["annex_a"]["months_as_csv"]:
        named = {f"List_{n}": annex_a.as_sent(table) for n, table in enumerate(tables.values(), start=1)}
        return _write_tables(named, path.with_suffix(""))
    annex_a.write_workbook(tables, path, month)
    return [path]


def _write_school_census(inbox: Path, authority: Authority, month: Month) -> list[Path]:
    """The census of a term in the month its extract is made; none in other months."""
    term = TERM_EXTRACT_MONTHS.get(month.number)
    return _write_term(inbox, authority, month, SchoolTerm(month.year, term)) if term else []


def _write_term(inbox: Path, authority: Authority, month: Month, term: SchoolTerm) -> list[Path]:
    tables = school_census.census(authority.children, authority.seed, authority.young, term)
    names, end = school_census.file_names(tables, term), np.datetime64(term.end)
    sent = {
        names[name]: school_census.as_sent(_dirty(authority, "school_census", name, str(term), table, end))
        for name, table in tables.items()
    }
    folder = _folder(inbox, authority, "school_census", month) / f"school_census_{term}"
    return _write_tables(sent, folder)


def _write_council(inbox: Path, authority: Authority, month: Month) -> list[Path]:
    """Ledger, savings and placement costs as CSV; actions and targets as the templates, filled in."""
    end, year = np.datetime64(month.end), month.financial_year
    costs = council.placements(authority.seed, authority.children, authority.adults, end, end)
    budgets = council.activity_budgets(costs, year)
    dirty = _dirty(authority, "placement_costs", "placements", str(month), costs, end)
    folder = _folder(inbox, authority, "placement_costs", month) / f"placement_costs_{month}"
    written = _write_tables({"placements": dirty, "activity_budgets": budgets}, folder)
    ledger = council.revenue_lines(costs, budgets, authority.workforce, month)
    savings = council.savings_lines(month) if authority.has_story else []
    for dataset, rows in (("revenue_monitoring", ledger), ("savings", savings)):
        if not rows:
            continue
        path = _folder(inbox, authority, dataset, month) / f"{dataset}_{month}.csv"
        write_csv(_columns(rows), path)
        written.append(path)
    filled_in = {
        "actions": council.actions(month) if authority.has_story else [],
        "targets": council.targets(authority.code, year),
    }
    for dataset, rows in filled_in.items():
        if rows:
            path = _folder(inbox, authority, dataset, month) / f"{dataset}_{month}.xlsx"
            cells = [list(row.values()) for row in rows]
            written.append(datasets.write_template(dataset, path, year, {dataset: cells}))
    return written


def _write_services(inbox: Path, authority: Authority, month: Month) -> list[Path]:
    """What the services record beside the returns: a CSV file, or a folder of one for each table."""
    end = np.datetime64(month.end)
    seed, workers = authority.seed, authority.workforce
    made = {
        **child_services.extracts(seed, authority.children, workers, authority.young, end),
        **adult_services.extracts(seed, authority.adults, authority.grown, end),
        **practice.extracts(seed, authority.children, authority.adults, workers, end),
    }
    written: list[Path] = []
    for dataset, tables in made.items():
        dirty = {
            name: _dirty(authority, dataset, name, str(month), table, end) for name, table in tables.items()
        }
        folder = _folder(inbox, authority, dataset, month)
        if len(dirty) == 1:
            path = folder / f"{dataset}_{month}.csv"
            write_csv(next(iter(dirty.values())), path)
            written.append(path)
        else:
            written += _write_tables(dirty, folder / f"{dataset}_{month}")
    return written


def _columns(rows: list[dict[str, Any]]) -> Table:
    """Rows as a table: dates stay dates, everything else is text as it is written down."""
    table: Table = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        if isinstance(values[0], np.datetime64):
            table[name] = np.array(values, dtype="datetime64[D]")
        else:
            table[name] = np.array([None if v is None else str(v) for v in values], dtype=object)
    return table


def _write_commentary(inbox: Path, authority: Authority, month: Month, quarter: Quarter) -> list[Path]:
    entries = scenario()["commentary"].get(str(quarter))
    if not entries or not authority.has_story:
        return []
    path = _folder(inbox, authority, "commentary", month) / f"commentary_{quarter}.csv"
    write_csv(
        {name: as_text(column) for name, column in commentary_table(str(quarter), entries).items()}, path
    )
    return [path]
