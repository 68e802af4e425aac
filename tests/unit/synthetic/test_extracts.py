"""The synthetic authority: same seed, same bytes; real formats; nothing known before it was recorded."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest
from lxml import etree

from scrutiny.datasets import DATASETS, code_set, layout
from scrutiny.periods import FinancialYear, Month, SchoolTerm
from scrutiny.synthetic import (
    Authority,
    canaries,
    children,
    cin,
    cld,
    defects,
    school_census,
    simulate,
    ssda903,
    write_extracts,
    write_month,
)
from scrutiny.synthetic.extracts import _write_cin
from scrutiny.synthetic.people import CANARY, nhs_numbers, upns
from scrutiny.synthetic.scenario import scenario

FOLDERS, NEW_SYSTEM = set(DATASETS), "cin_new_system"
VILLAGE = 2_000
TOWN = 60_000


@pytest.fixture(scope="module")
def town() -> Authority:
    return simulate(population=TOWN)


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    write_extracts(folder, population=TOWN)
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    write_extracts(tmp_path / "one", population=VILLAGE, seed=7)
    write_extracts(tmp_path / "two", population=VILLAGE, seed=7)
    write_extracts(tmp_path / "other", population=VILLAGE, seed=8)
    one = digests(tmp_path / "one")
    assert one == digests(tmp_path / "two")
    assert one != digests(tmp_path / "other")


def test_a_month_is_the_same_whether_written_alone_or_with_others(tmp_path: Path) -> None:
    write_extracts(tmp_path / "all", population=VILLAGE, seed=7, history=False)
    write_extracts(tmp_path / "one", population=VILLAGE, seed=7, months=("2025-09",), history=False)
    everything = digests(tmp_path / "all")
    alone = digests(tmp_path / "one")
    assert alone == {name: digest for name, digest in everything.items() if "/2025-09/" in name}
    not_in_september = {"benchmarks", "populations", "postcodes", "providers", "school_census", "surveys"}
    assert {name.split("/")[1] for name in alone} == (FOLDERS | {NEW_SYSTEM}) - {"cin"} - not_in_september


def test_the_inbox_holds_what_the_feeds_promise(inbox: Path) -> None:
    found = {str(path.relative_to(inbox / "999")) for path in inbox.rglob("*") if path.is_file()}
    expected = {
        "cin/2025-07/cin_census_2023-24.xml",
        "cin/2025-07/cin_census_2024-25.xml",
        "cin/2025-07/cin_census_2025-26.xml",
        "csww/2025-07/csww_2023.xml",
        "csww/2025-07/csww_2024.xml",
        "csww/2025-09/csww_2025.xml",
        "ssda903/2025-07/ssda903_2025-26.zip",
        "ssda903/2025-07/ssda903_2023-24/episodes.csv",
        "ssda903/2025-08/ssda903_2025-26/oc3.csv",
        "ssda903/2025-08/ssda903_2025-26_corrected/oc3.csv",
        "cld/2025-07/cld_2024-03-31.csv",
        "cld/2025-07/cld_2025-06-30.csv",
        "cld/2025-08/cld_2025-07-31.csv",
        "cld/2025-09/cld_2025-09-30.csv",
        "establishment/2025-07/establishment_2023-04_2025-06.csv",
        "establishment/2025-09/establishment_2025-09.csv",
        "commentary/2025-07/commentary_2025-26-Q1.csv",
        "commentary/2025-09/commentary_2025-26-Q2.csv",
    }
    assert expected <= found
    assert {name.split("/")[0] for name in found} == FOLDERS | {NEW_SYSTEM}


def test_the_duplicate_delivery_has_the_same_bytes(inbox: Path) -> None:
    first, again = (inbox / "999" / "cld" / month / "cld_2025-07-31.csv" for month in ("2025-07", "2025-08"))
    assert first.read_bytes() == again.read_bytes()


def test_files_are_dated_when_they_would_have_been_sent(inbox: Path) -> None:
    def sent(path: str) -> dt.date:
        return dt.datetime.fromtimestamp((inbox / "999" / path).stat().st_mtime, dt.UTC).date()

    assert sent("placement_costs/2025-08/placement_costs_2025-08/placements.csv") == dt.date(2025, 9, 9)
    assert sent("placement_costs/2025-09/placement_costs_2025-09/placements.csv") == dt.date(2025, 10, 15)
    assert sent("cld/2025-07/cld_2025-07-31.csv") == dt.date(2025, 8, 11), "before working day 8"


def test_the_mistaken_return_is_corrected_by_the_second(inbox: Path) -> None:
    folder = inbox / "999" / "ssda903" / "2025-08"
    wrong, right = (
        rows(folder / name / "oc3.csv") for name in ("ssda903_2025-26", "ssda903_2025-26_corrected")
    )
    assert {row["ACTIV"] for row in wrong if row["IN_TOUCH"] == "YES"} == {"F2"}
    assert len({row["ACTIV"] for row in right if row["IN_TOUCH"] == "YES"}) > 1
    assert digests(folder / "ssda903_2025-26").keys() == digests(folder / "ssda903_2025-26_corrected").keys()


@pytest.mark.parametrize("dataset", ["cld", "establishment", "commentary"])
def test_csv_headers_are_the_layout_in_order(inbox: Path, dataset: str) -> None:
    expected = [column.name for column in next(iter(layout(dataset).tables)).columns]
    files = sorted((inbox / "999" / dataset).rglob("*.csv"))
    assert files
    for path in files:
        with path.open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == expected


def test_the_903_tables_have_the_columns_of_the_layout(inbox: Path) -> None:
    year = FinancialYear(2025)
    expected = {
        tuple(column.name for column in table.columns_in(year)) for table in layout("ssda903").tables_in(year)
    }
    folder = inbox / "999" / "ssda903" / "2025-09" / "ssda903_2025-26"
    found = set()
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            found.add(tuple(next(csv.reader(file))))
    assert found == expected
    with zipfile.ZipFile(inbox / "999/ssda903/2025-07/ssda903_2025-26.zip") as archive:
        assert sorted(Path(name).name for name in archive.namelist()) == sorted(
            p.name for p in folder.glob("*.csv")
        )


ORDER = {
    "Child": ["ChildIdentifiers", "ChildCharacteristics", "CINdetails"],
    "ChildIdentifiers": [
        "LAchildID", "UPN", "FormerUPN", "UPNunknown", "PersonBirthDate", "ExpectedPersonBirthDate",
        "GenderCurrent", "Sex", "PersonDeathDate",
    ],
    "CINdetails": [
        "CINreferralDate", "ReferralSource", "PrimaryNeedCode", "CINclosureDate", "ReasonForClosure",
        "DateOfInitialCPC", "Assessments", "CINPlanDates", "Section47", "ReferralNFA", "ChildProtectionPlans",
    ],
    "Assessments": [
        "AssessmentActualStartDate", "AssessmentInternalReviewDate", "AssessmentAuthorisationDate",
        "FactorsIdentifiedAtAssessment",
    ],
    "Section47": ["S47ActualStartDate", "InitialCPCtarget", "DateOfInitialCPC", "ICPCnotRequired"],
    "ChildProtectionPlans": [
        "CPPstartDate", "CPPendDate", "InitialCategoryOfAbuse", "LatestCategoryOfAbuse",
        "NumberOfPreviousCPP", "Reviews",
    ],
}  # fmt: skip


@pytest.mark.parametrize("year", ["2023-24", "2025-26"])
def test_the_census_is_well_formed_and_in_schema_order(inbox: Path, year: str) -> None:
    tree = etree.parse(inbox / "999/cin/2025-07" / f"cin_census_{year}.xml")
    assert tree.findtext(".//ReferenceDate") == f"20{year[-2:]}-03-31"
    listed = tree.findall("Children/Child")
    assert len(listed) > 100
    for parent, names in ORDER.items():
        for element in tree.iter(parent):
            positions = [names.index(child.tag) for child in element]
            assert positions == sorted(positions), f"{parent} at line {element.sourceline}"
    sex = "GenderCurrent" if year == "2023-24" else "Sex"
    assert all(child.find(f"ChildIdentifiers/{sex}") is not None for child in listed)
    ids = [child.findtext("ChildIdentifiers/LAchildID") for child in listed]
    assert len(set(ids)) == len(ids)


def test_a_school_census_tells_of_terms_gone_by(town: Authority) -> None:
    """Sessions of the term before, in autumn also of the second half of summer; exclusions of two before."""
    sessions = scenario()["school_census"]["sessions"]
    for term, began, ended in (
        ("2024-autumn", "2024-01-01", "2024-03-31"),
        ("2025-spring", "2024-04-01", "2024-08-31"),
        ("2025-summer", "2024-09-01", "2024-12-31"),
    ):
        of_term = SchoolTerm.parse(term)
        tables = school_census.census(town.children, town.seed, town.young, of_term)
        for name in ("exclusions", "exclusions_off_roll"):
            dates = tables[name]["startdate"]
            assert ((dates >= np.datetime64(began)) & (dates <= np.datetime64(ended))).all()
        assert len(tables["exclusions"]["startdate"])
        possible = tables["pupils_on_roll"]["termlysessionspossible"].astype(float)
        assert possible.max() == sessions[of_term.name]
        assert ("summer_session_details" in tables) == (of_term.name == "autumn")


def test_the_workforce_census_is_in_layout_order(inbox: Path) -> None:
    tree = etree.parse(inbox / "999/csww/2025-09/csww_2025.xml")
    workers = next(table for table in layout("csww").tables if table.name == "workers")
    names = [column.name for column in workers.columns]
    found = tree.findall("CSWWWorker")
    assert found
    for worker in found:
        positions = [names.index(child.tag) for child in worker]
        assert positions == sorted(positions)
        left = worker.findtext("RoleEndDate")
        assert (left is None) == (worker.find("FTE30") is not None)
        assert left is None or worker.find("ReasonLeave") is not None
        assert left is None or left <= "2025-09-30"


def test_an_event_recorded_later_is_absent_from_earlier_files(town: Authority) -> None:
    events = town.adults.events
    july, august, september = (np.datetime64(text) for text in ("2025-07-31", "2025-08-31", "2025-09-30"))
    in_july = (events["end"] > np.datetime64("2025-07-01")) & (events["end"] <= july)
    late = (events["type"] != "Service") & in_july
    late = np.flatnonzero(late & (events["known"] > july) & (events["known"] <= august))
    assert len(late) > 0
    references = {f"EV{position:09d}" for position in late}
    sent = {
        end: set(cld.file_of(town.adults, "699", end, end)["Event Reference"])
        for end in (july, august, september)
    }
    assert references.isdisjoint(sent[july])
    assert references <= sent[august]
    assert references <= sent[september]


def test_nothing_in_a_file_is_dated_after_it(town: Authority) -> None:
    end = np.datetime64("2025-08-31")
    year = FinancialYear(2025)
    tables = [*cin.census(town.children, year, end, end).values()]
    tables += ssda903.return_903(town.children, town.workforce, year, end, end).values()
    for table in tables:
        for name, column in table.items():
            if column.dtype.kind == "M" and name not in ("ExpectedPersonBirthDate", "InitialCPCtarget"):
                assert not (column > end).any(), name


def test_a_referral_recorded_later_is_absent_from_the_earlier_census() -> None:
    lives = children.live(7, 60_000)
    episodes = lives.episodes
    july, august = np.datetime64("2025-07-31"), np.datetime64("2025-08-31")
    late = (
        (episodes["referral"] <= july)
        & (episodes["referral_known"] > july)
        & (episodes["referral_known"] <= august)
    )
    late &= episodes["referral"] > np.datetime64("2025-04-01")
    assert late.any()
    whose = set(zip(lives.children["id"][episodes["child"][late]], episodes["referral"][late], strict=True))
    for end, there in ((july, False), (august, True)):
        census = cin.census(lives, FinancialYear(2025), end, end)
        details = census["cin_details"]
        sent = set(
            zip(census["children"]["LAchildID"][details["child"]], details["CINreferralDate"], strict=True)
        )
        assert whose <= sent if there else whose.isdisjoint(sent)


def test_care_episodes_form_unbroken_chains(town: Authority) -> None:
    end = np.datetime64("2025-09-30")
    table = ssda903.return_903(town.children, town.workforce, FinancialYear(2025), end, end)["episodes"]
    same = table["CHILD"][1:] == table["CHILD"][:-1]
    continues = table["REC"][:-1] == "X1"
    assert (continues == same).all()
    assert table["REC"][-1] != "X1"
    assert (table["DEC"][:-1][same] == table["DECOM"][1:][same]).all()
    assert not (table["DEC"] <= table["DECOM"]).any()
    assert ((table["REC"] == None) == np.isnat(table["DEC"])).all()  # noqa: E711
    before, after = ({name: column[:-1][same] for name, column in table.items()},
                     {name: column[1:][same] for name, column in table.items()})  # fmt: skip
    status_changed = before["LS"] != after["LS"]
    home = ["PLACE", "PLACE_PROVIDER", "PL_POST", "URN"]
    place_changed = np.any([before[name] != after[name] for name in home], axis=0)
    assert (status_changed == np.isin(after["RNE"], ["L", "B", "U"])).all()
    assert (place_changed == np.isin(after["RNE"], ["P", "T", "B", "U"])).all()
    assert ((before["REASON_PLACE_CHANGE"] != None) == place_changed).all()  # noqa: E711
    assert (table["CIN"][1:][same] == table["CIN"][:-1][same]).all()
    parents = table["PLACE"] == "P1"
    assert ((table["PLACE_PROVIDER"] == "PR0") == parents).all()
    assert not (parents & (table["LS"] == "V2")).any()


def test_the_census_keeps_its_own_rules(town: Authority) -> None:
    end = np.datetime64("2025-09-30")
    census = cin.census(town.children, FinancialYear(2025), end, end)
    details, plans, enquiries = (
        census[name] for name in ("cin_details", "child_protection_plans", "section_47")
    )
    still_open = np.isnat(details["CINclosureDate"]) & (details["ReferralNFA"] == "0")
    assert np.bincount(details["child"][still_open]).max() == 1
    same = details["child"][1:] == details["child"][:-1]
    assert (details["CINclosureDate"][:-1][same] <= details["CINreferralDate"][1:][same]).all()
    closed = details["CINclosureDate"]
    ends = {
        "assessments": "AssessmentAuthorisationDate",
        "child_protection_plans": "CPPendDate",
        "cin_plans": "CINPlanEndDate",
        "section_47": "DateOfInitialCPC",
    }
    for name, column in ends.items():
        table = census[name]
        assert not (table[column] > closed[table["episode"]]).any(), name
        unfinished = ~np.isnat(closed[table["episode"]]) & np.isnat(table[column])
        if name == "section_47":
            unfinished &= table["ICPCnotRequired"] == "0"
        assert not unfinished.any(), name
    held = enquiries["DateOfInitialCPC"][~np.isnat(enquiries["DateOfInitialCPC"])]
    assert (np.is_busday(held)).all()
    conference = dict(zip(enquiries["episode"], enquiries["DateOfInitialCPC"], strict=True))
    in_year = plans["CPPstartDate"] >= np.datetime64("2025-04-01")
    assert all(
        conference[episode] == start
        for episode, start in zip(plans["episode"][in_year], plans["CPPstartDate"][in_year], strict=True)
    )
    reviews = census["child_protection_reviews"]
    assert (reviews["CPPreviewDate"] > plans["CPPstartDate"][reviews["plan"]]).all()


def test_every_planted_canary_is_in_the_extracts(inbox: Path) -> None:
    text = []
    for path in inbox.rglob("*"):
        if path.suffix in (".zip", ".xlsx"):
            with zipfile.ZipFile(path) as archive:
                text += [archive.read(name).decode() for name in archive.namelist()]
        elif path.is_file():
            text.append(path.read_text(encoding="utf-8"))
    everything = "\n".join(text)
    missing = [
        name
        for name, value in CANARY.items()
        if value not in everything and "/".join(reversed(value.split("-"))) not in everything
    ]
    assert missing == []
    days_of_services_too = {CANARY["death"], CANARY["mothers_child_birth"]}
    assert set(CANARY.values()) - days_of_services_too <= set(canaries())
    assert not days_of_services_too & set(canaries())


PERSONAL_COLUMNS = {
    "cld": {
        "NHS Number": "nhs_number",
        "LA Person Unique Identifier": "adult_id",
        "First Name": "first_name",
        "Last Name": "last_name",
        "GP Practice Name": "practice_name",
        "GP Practice Code": "practice_code",
        "Postcode": "adult_postcode",
        "Event Reference": "event_reference",
        "Event Description": "event_description",
        "Adult 1 Linked Person_ID": "adult_id",
    },
    "establishment": {"Post ID": "post_id", "Holder ID": "worker_id", "Holder Name": "worker_name"},
}


@pytest.mark.parametrize("dataset", list(PERSONAL_COLUMNS))
def test_a_canary_sits_in_each_personal_column(inbox: Path, dataset: str) -> None:
    for path in sorted((inbox / "999" / dataset).rglob("*.csv")):
        found = rows(path)
        for column, canary in PERSONAL_COLUMNS[dataset].items():
            assert CANARY[canary] in {row[column] for row in found}, (path.name, column)


def test_the_care_canaries_are_in_the_903(inbox: Path) -> None:
    folder = inbox / "999/ssda903/2025-09/ssda903_2025-26"
    header = {row["CHILD"]: row for row in rows(folder / "header.csv")}
    child, mother = header[CANARY["child_id"]], header[CANARY["mother_id"]]
    assert (child["UPN"], child["DOB"]) == (CANARY["upn"], "29/02/2012")
    assert (mother["SEX"], mother["MOTHER"], mother["MC_DOB"]) == ("F", "1", "25/12/2024")
    (episode,) = (row for row in rows(folder / "episodes.csv") if row["CHILD"] == CANARY["child_id"])
    assert episode["HOME_POST"] == CANARY["home_postcode"]
    assert episode["PL_POST"] == CANARY["placement_postcode"]


def test_defects_are_planted_at_low_rates(inbox: Path) -> None:
    kinds = {(d.dataset, d.kind) for d in defects()}
    assert {kind for dataset, kind in kinds if dataset == "cld"} >= {
        "swap_release",
        "before",
        "duplicate_row",
    }
    events = rows(inbox / "999/cld/2025-09/cld_2025-09-30.csv")
    release_1 = [row for row in events if row["Service Type"].startswith("Long Term Support")]
    assert 0 < len(release_1) < 0.003 * len(events)
    keys = [tuple(row.values()) for row in events]
    assert 0 < len(keys) - len(set(keys)) < 0.003 * len(events)
    assert any(row["Client Type"] == "" for row in events)


def test_nhs_numbers_are_valid_and_unique() -> None:
    numbers = [n for n in nhs_numbers(1_000_000).tolist() if n is not None]
    assert len(numbers) > 900_000
    assert len(set(numbers)) == len(numbers)
    for number in [*numbers[:2000], CANARY["nhs_number"]]:
        digits = [int(digit) for digit in number]
        assert number.startswith("999")
        assert (11 - sum(d * w for d, w in zip(digits, range(10, 1, -1), strict=False)) % 11) % 11 == digits[
            9
        ]


def test_pupil_numbers_carry_the_right_check_letter() -> None:
    for number in upns(np.arange(100_000, 100_050)).tolist():
        total = sum(int(digit) * weight for digit, weight in zip(number[1:], range(2, 14), strict=True))
        assert number[0] == "ABCDEFGHJKLMNPQRTUVWXYZ"[total % 23]


def test_a_village_has_every_extract(tmp_path: Path) -> None:
    files = write_extracts(tmp_path, population=VILLAGE)
    assert len(files) > 60
    assert all(path.stat().st_size > 0 for path in files)
    assert rows(tmp_path / "999/cld/2025-09/cld_2025-09-30.csv")


def test_impossible_wishes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2,000"):
        write_extracts(tmp_path, population=10)
    with pytest.raises(ValueError, match="2031-07"):
        write_extracts(tmp_path, population=VILLAGE, months=("2031-07",))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("period_end", "release"), [("2025-06-30", "R1"), ("2025-07-31", "R2")])
def test_client_level_data_is_worded_as_its_release_says(inbox: Path, period_end: str, release: str) -> None:
    lines = rows(inbox / f"999/cld/2025-07/cld_{period_end}.csv")
    for column in layout("cld").table("events").columns:
        if not column.code_set:
            continue
        known = code_set(column.code_set, FinancialYear(2025), release)
        unknown = [line for line in lines if line[column.name] and line[column.name] not in known]
        planted = len(lines) * 0.01  # the defects
        assert len(unknown) <= planted, f"{len(unknown)} of {len(lines)} rows: {column.name}"


def census_of(path: Path) -> dict[str, etree._Element]:
    """The children of a census by their number, each without it."""
    children = {}
    for child in etree.parse(path).iter("Child"):
        number = child.find(".//LAchildID")
        assert number is not None
        assert number.text is not None
        children[number.text] = child
        number.text = ""
    return children


def compared(inbox: Path, month: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The children of the old and of the new census, both by the old number where the map knows it."""
    (path,) = (inbox / "999/identifier_map" / month).iterdir()
    old_of = {row["New ID"]: row["Old ID"] for row in rows(path)}
    sent = [
        {old_of.get(number, number): etree.tostring(child) for number, child in census_of(file).items()}
        for folder in ("cin", NEW_SYSTEM)
        for file in sorted((inbox / "999" / folder / month).glob("cin_census_2025-26.xml"))
    ]
    return sent[0], sent[1]


@pytest.mark.parametrize("month", ["2025-07", "2025-08"])
def test_while_two_systems_run_they_differ_as_the_scenario_says(inbox: Path, month: str) -> None:
    plan = scenario()["replacement"]
    old, new = compared(inbox, month)
    numbers = {number for number in new if number not in old}
    twice = {number for number in numbers if number.startswith("8")}
    assert len(twice) == plan["entered_twice"]
    assert len(numbers - twice) <= plan["not_in_the_map"]
    assert len(old) - len(set(old) & set(new)) == plan["not_migrated"] + len(numbers - twice)
    differing = sum(old[number] != new[number] for number in set(old) & set(new))
    assert 0 < differing <= plan["later_authorisation"] + plan["other_need"]


def test_from_the_cut_over_the_new_system_sends_what_the_old_one_would(
    town: Authority, tmp_path: Path
) -> None:
    september = Month(2025, 9)
    write_month(tmp_path, town, september)
    assert not (tmp_path / "999/cin").exists(), "the old system sends no more"
    end = np.datetime64(september.end)
    _write_cin(tmp_path, town, september, september.financial_year, end, end)
    old, new = compared(tmp_path, "2025-09")
    assert sorted(old.values()) == sorted(new.values())
    (path,) = (tmp_path / "999/identifier_map/2025-09").iterdir()
    pairs = [(row["Old ID"], row["New ID"]) for row in rows(path)]
    assert len(pairs) - len(set(pairs)) == 1, "one pair is listed twice, on purpose"
    assert (CANARY["child_id"], CANARY["new_child_id"]) in pairs
    new_since = {number for number in new if number not in old}
    assert 0 < len(new_since) < len(new) / 5, "children first referred after the cut-over have no old number"
