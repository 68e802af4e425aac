"""The Ofsted Annex A lists of the simulated children, as known at the end of a month.

Values are worded as case systems word them: letters before labels, codes in words, quotes as typed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import xlsxwriter

from scrutiny.datasets import layout
from scrutiny.periods import Month
from scrutiny.synthetic.children import Children
from scrutiny.synthetic.draws import (
    NEVER,
    Array,
    Table,
    age,
    between,
    birthday,
    choose,
    either,
    last_of_group,
    pick,
    stack,
    stream,
    working_day,
)
from scrutiny.synthetic.people import CANARY, numbered
from scrutiny.synthetic.scenario import scenario
from scrutiny.synthetic.ssda903 import place_codes
from scrutiny.synthetic.workforce import Workforce

# How the synthetic case system writes some headers: as seen in real workbooks.
_HEADERS = {
    "Age of Child (Years)": "Age",
    "Child's Legal Status": "Child\u2019s Legal Status ",
    "Date of Adoption Order": "Date of Adoption Order ",
    "Was the child assessed as requiring LA children's social care support?": (
        "Was the child assessed as requiring\nLA children\u2019s social care support?"
    ),
    "Number of Episodes the Child has been 'Missing' from their Placement in the last 12 months": (
        "Number of Episodes the Child has been \u2018Missing\u2019 from their Placement in the last 12 months"
    ),
}
_ETHNICITIES = {
    "WBRI": "White British",
    "WIRI": "White Irish",
    "WOTH": "Any other White background",
    "WIRT": "Traveller of Irish heritage",
    "WROM": "Gypsy / Roma",
    "MWBC": "White and Black Caribbean",
    "MWBA": "White and Black African",
    "MWAS": "White and Asian",
    "MOTH": "Any other mixed background",
    "AIND": "Indian",
    "APKN": "Pakistani",
    "ABAN": "Bangladeshi",
    "AOTH": "Any other Asian background",
    "BCRB": "Caribbean",
    "BAFR": "African",
    "BOTH": "Any other Black background",
    "CHNE": "Chinese",
    "OOTH": "Any other ethnic group",
    "REFU": "Refused",
    "NOBT": "Information not yet obtained",
}
_SOURCES = {
    **{f"1{letter}": "Individual" for letter in "ABCD"},
    "2A": "Schools",
    "2B": "Education services",
    **{f"3{letter}": "Health services" for letter in "ABCDEF"},
    "4": "Housing",
    **{f"5{letter}": "LA services" for letter in "ABCD"},
    "6": "Police",
    "7": "Other legal agency",
    "8": "Other",
    "9": "Anonymous",
    "10": "Unknown",
}
_ABUSE = {
    "NEG": "a) Neglect",
    "PHY": "b) Physical abuse",
    "SAB": "c) Sexual abuse",
    "EMO": "d) Emotional abuse",
    "MUL": "e) Multiple/not recommended",
}
_NEEDS = {
    "N1": "N1 - Abuse or neglect",
    "N2": "N2 - Child\u2019s disability",
    "N4": "N4 - Family in acute stress",
    "N5": "N5 - Family dysfunction",
}
_PLACEMENTS = {
    "U4": "d) U4: Foster placement - long term",
    "U6": "f) U6: Foster placement - not FFA",
    "K2": "K2 - Children\u2019s Home",
    "P1": "P1 - Placed with own parents",
}
_PROVIDERS = {
    "PR0": "a) PR0: Parents/Parental responsibility",
    "PR1": "b) PR1: Own provision",
    "PR4": "e) PR4: Private provision",
    "PR5": "f) PR5: Voluntary/third sector",
}
_YES, _NO, _UNKNOWN = "a) Yes", "b) No", "c) Unknown"
_PROTECTED = "Subject to Emergency Protection Order or Protected Under Police Powers in Last Six Months (Y/N)"
_AGAIN = "Is this a second or subsequent period of being a Looked After Child within the last 12 months (Y/N)"
_NEW_PLACEMENT = ("S", "P", "B", "T", "U")
_ENQUIRY = np.datetime64("2025-05-12")
_ORGANISATIONS = {
    "Fallowmere Early Help": 40,
    "Top Lane Primary School": 20,
    "Mock Hill Academy": 20,
    "Health visiting": 20,
}


def lists(lives: Children, workforce: Workforce, seed: int, council: str, month: Month) -> dict[str, Table]:
    """The eleven lists by table name, columns in order, with what was recorded by the end of the month.

    ``council`` is the name of the authority.
    """
    return _Lists(lives, workforce, seed, council, month).all()


def write_workbook(tables: Mapping[str, Table], path: Path, month: Month) -> None:
    """One workbook with a worksheet a list; the same bytes for the same lists."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": True,
        "default_date_format": "dd/mm/yyyy",
    }
    with xlsxwriter.Workbook(str(path), options) as workbook:
        workbook.set_properties({"created": dt.datetime.combine(month.end, dt.time())})
        for number, table in enumerate(tables.values(), start=1):
            sheet = workbook.add_worksheet(f"List {number}")
            for position, (name, values) in enumerate(as_sent(table).items()):
                sheet.write(0, position, name)
                sheet.write_column(1, position, ["" if value is None else value for value in values.tolist()])


def as_sent(table: Table) -> Table:
    """A list under the headers of the synthetic case system."""
    return {_HEADERS.get(name, name): values for name, values in table.items()}


def _months_before(month: Month, months: int) -> np.datetime64:
    """The same day so many months before the end of a month, or the last day there is."""
    earlier = month - months
    return np.datetime64(min(earlier.end, earlier.start.replace(day=min(month.end.day, earlier.end.day))))


def _worded(codes: Array, wordings: Mapping[str, str]) -> Array:
    return np.array([wordings.get(code, code) for code in codes.tolist()], dtype=object)


def _lettered(codes: Array, wordings: Mapping[str, str], words_only: Array) -> Array:
    """Labels with a letter before them, in words or with the code, as ``q) 6: Police``."""
    letters = {code: chr(ord("a") + number) for number, code in enumerate(wordings)}
    return np.array(
        [
            wordings[code] if plain else f"{letters[code]}) {code}: {wordings[code]}"
            for code, plain in zip(codes.tolist(), words_only.tolist(), strict=True)
        ],
        dtype=object,
    )


def _flag(yes: Array) -> Array:
    return either(yes, _YES, _NO).astype(object)


def _number(values: Array) -> Array:
    return values.astype("U6").astype(object)


def _counted(group: Array, date: Array, days: int) -> Array:
    """How many rows of its group lie in the days up to each, itself included; rows by group and date."""
    key = group.astype(np.int64) * 1_000_000 + date.astype("datetime64[D]").astype(np.int64)
    return np.searchsorted(key, key, "right") - np.searchsorted(key, key - days, "left")


class _Lists:
    def __init__(self, lives: Children, workforce: Workforce, seed: int, council: str, month: Month) -> None:
        self.lives, self.workforce, self.seed, self.month = lives, workforce, seed, month
        self.council = council
        self.end = np.datetime64(month.end)
        self.since, self.year_ago = _months_before(month, 6), _months_before(month, 12)
        self.case_holders = workforce.case_holders(np.datetime64(str(month), "M"))
        stays = lives.care.stays
        self.in_care_from = (
            (stays["entry"] <= self.end) & (stays["known"] <= self.end) & ~stays["short_break"]
        )
        self.stay_end = self._by_now(stays["end"], stays["end_known"])

    def all(self) -> dict[str, Table]:
        tables = {
            "contacts": self._contacts(),
            "early_help_assessments": self._early_help(),
            "referrals": self._referrals(),
            "assessments": self._assessments(),
            "section_47_enquiries": self._section_47(),
            "children_in_need": self._in_need(),
            "child_protection_plans": self._protection(),
            "children_in_care": self._in_care(),
            "care_leavers": self._leavers(),
            "adoption": self._adoption(),
            "adopters": self._adopters(),
        }
        return {
            name: {column.name: table[column.name] for column in layout("annex_a").table(name).columns}
            for name, table in tables.items()
        }

    def _by_now(self, date: Array, known: Array) -> Array:
        return either((date <= self.end) & (known <= self.end), date, NEVER)

    def _shown(self, date: Array) -> Array:
        return either(date <= self.end, date, NEVER)

    def _child(self, child: Array) -> Table:
        who = self.lives.children
        birth = who["birth"][child]
        born = birth <= self.end
        sex = either(who["sex"][child] == "M", "a) Male", "b) Female")
        return {
            "Child Unique ID": who["id"][child],
            "Gender": either(born, sex, "c) Not stated/recorded").astype(object),
            "Ethnicity": _lettered(who["ethnicity"][child], _ETHNICITIES, child % 3 == 0),
            "Date of Birth": birth,
            "Age of Child (Years)": either(born, _number(age(birth, self.end)), None),
            "Does the Child have a Disability": _flag(who["disability"][child] != "NONE"),
        }

    def _team(self, child: Array, teams: tuple[str, ...]) -> Table:
        pool = self.case_holders
        worker = self.workforce.workers["name"][pool[child * 31 % len(pool)]]
        canary = self.lives.children["id"][child] == CANARY["child_id"]
        return {
            "Allocated Team": np.array(teams, dtype=object)[child % len(teams)],
            "Allocated Worker": either(canary, CANARY["worker_name"], worker),
        }

    def _contacts(self) -> Table:
        rng = stream(self.seed, 11, 1)
        episodes = self.lives.episodes
        n = len(episodes["child"])
        extra = rng.integers(0, n, round(n * scenario()["annex_a"]["contacts_without_referral"]))
        later = episodes["referral"][extra] + between(rng, 5, 700, len(extra))
        rows = stack(
            [
                {
                    "child": episodes["child"],
                    "date": episodes["referral"] - np.arange(n) % 2,
                    "source": episodes["source"],
                    "known": episodes["referral_known"],
                },
                {
                    "child": episodes["child"][extra],
                    "date": later,
                    "source": pick(rng, scenario()["front_door"]["source"], len(extra)),
                    "known": np.maximum(later, episodes["referral_known"][extra]),
                },
            ]
        )
        rows = choose(rows, (rows["date"] >= self.since) & (rows["date"] <= self.end))
        rows = choose(rows, rows["known"] <= self.end)
        rows = choose(rows, np.lexsort((rows["child"], rows["date"])))
        _, first = np.unique(
            np.stack([rows["child"], rows["date"].astype(np.int64)]), axis=1, return_index=True
        )
        rows = choose(rows, np.sort(first))
        return self._child(rows["child"]) | {
            "Date of Contact": rows["date"],
            "Contact Source": _lettered(rows["source"], _SOURCES, rows["child"] % 9 == 0),
        }

    def _early_help(self) -> Table:
        rng = stream(self.seed, 11, 2)
        episodes = self.lives.episodes
        n = len(episodes["child"])
        start = working_day(episodes["closed"] + between(rng, 3, 20, n))
        complete = working_day(start, between(rng, 10, 40, n))
        helped = (rng.random(n) < scenario()["annex_a"]["early_help_after_closure"]) & np.isin(
            episodes["path"], ["assessment", "plan"]
        )
        organisation = pick(rng, _ORGANISATIONS, n)
        shown = helped & (start <= self.end) & (complete >= self.since)
        shown &= birthday(self.lives.children["birth"][episodes["child"]], 18) > self.end
        rows = np.flatnonzero(shown & (episodes["closed_known"] <= self.end))
        return self._child(episodes["child"][rows]) | {
            "Assessment start date": start[rows],
            "Assessment completion date": self._shown(complete[rows]),
            "Organisation completing assessment": organisation[rows],
        }

    def _referrals(self) -> Table:
        episodes = self.lives.episodes  # in order of child and date
        count = _counted(episodes["child"], episodes["referral"], 365)
        shown = (episodes["referral"] >= self.since) & (episodes["referral"] <= self.end)
        rows = np.flatnonzero(shown & (episodes["referral_known"] <= self.end))
        child = episodes["child"][rows]
        return self._child(child) | {
            "Date of referral": episodes["referral"][rows],
            "Referral Source": _lettered(episodes["source"][rows], _SOURCES, child % 9 == 0),
            "Referral NFA?": _flag(episodes["no_action"][rows]),
            "Number of Referrals in Last 12 Months": _number(count[rows]),
            **self._team(child, ("Front Door",)),
        }

    def _assessments(self) -> Table:
        assessments = self.lives.assessments
        done = self._by_now(assessments["end"], assessments["end_known"])
        shown = (assessments["start"] <= self.end) & (assessments["start_known"] <= self.end)
        rows = np.flatnonzero(shown & ~(done < self.since))
        child, done = assessments["child"][rows], done[rows]
        seen = either(rows % 40 == 0, _NO, either(rows % 60 == 1, _UNKNOWN, _YES)).astype(object)
        helped = self.lives.episodes["path"][assessments["episode"][rows]] != "assessment"
        return self._child(child) | {
            "Continuous Assessment Start Date": assessments["start"][rows],
            "Child Seen During Continuous Assessment": seen,
            "Continuous Assessment Date of Authorisation": done,
            "Was the child assessed as requiring LA children's social care support?": either(
                np.isnat(done), None, _flag(helped)
            ),
            **self._team(child, ("Assessment North", "Assessment South")),
        }

    def _section_47(self) -> Table:
        enquiries = self.lives.section_47
        decided = self._by_now(enquiries["end"], enquiries["end_known"])
        held = either(np.isnat(decided), NEVER, enquiries["conference"])
        protected = np.isin(enquiries["episode"], self.lives.protection["episode"])
        shown = (enquiries["start"] <= self.end) & (enquiries["start_known"] <= self.end)
        shown &= np.fmax(held, enquiries["start"]) >= self.since
        rows = np.flatnonzero(shown)
        child, date = enquiries["child"], enquiries["start"]
        conferences = np.flatnonzero(~np.isnat(enquiries["conference"]))
        with_conference = np.zeros(len(child), dtype=int)
        with_conference[conferences] = _counted(child[conferences], enquiries["conference"][conferences], 365)
        return self._child(child[rows]) | {
            "Strategy discussion initiating Section 47 Enquiry Start Date": date[rows],
            "Was an Initial Child Protection Conference deemed unnecessary?": either(
                np.isnat(decided[rows]), None, _flag(np.isnat(held[rows]))
            ),
            "Date of Initial Child Protection Conference": held[rows],
            "Did the Initial Child Protection Conference Result in a Child Protection Plan": either(
                np.isnat(held[rows]), None, _flag(protected[rows])
            ),
            "Number of Section 47 Enquiries in the last 12 months": _number(_counted(child, date, 365)[rows]),
            "Number of ICPCs in the last 12 months": _number(
                either(np.isnat(held[rows]), 0, with_conference[rows])
            ),
            **self._team(child[rows], ("Assessment North", "Assessment South")),
        }

    def _in_need(self) -> Table:
        episodes = self.lives.episodes
        closed = self._by_now(episodes["closed"], episodes["closed_known"])
        shown = (episodes["referral"] <= self.end) & (episodes["referral_known"] <= self.end)
        rows = np.flatnonzero(shown & ~episodes["no_action"] & ~(closed < self.since))
        child, closed = episodes["child"][rows], closed[rows]
        start = episodes["referral"][rows]
        is_open = np.isnat(closed)
        looked_after = np.isin(child, self._children_in_care())
        protected = np.isin(rows, self.lives.protection["episode"][self._protected_now()])
        assessed = episodes["authorised"][rows] <= self.end
        status = np.select(
            [~is_open, looked_after, protected, assessed],
            [
                "e) Closed episode",
                "a) Looked after child",
                "b) Child Protection plan",
                "c) Child in need plan",
            ],
            "d) Open assessment",
        ).astype(object)
        until = either(is_open, self.end, closed)
        return self._child(child) | {
            "CIN Start Date": start,
            "Primary Need Code": _worded(episodes["need"][rows], _NEEDS),
            "Date Child Was Last Seen": np.maximum(until - child * 7 % 27, start),
            "CIN Closure Date": closed,
            "Reason for Closure": either(is_open, None, episodes["reason"][rows]),
            "Case Status": status,
            **self._team(child, ("Safeguarding East", "Safeguarding West")),
        }

    def _children_in_care(self) -> Array:
        return self.lives.care.stays["child"][self.in_care_from & np.isnat(self.stay_end)]

    def _protected_now(self) -> Array:
        plans = self.lives.protection
        ended = self._by_now(plans["end"], plans["end_known"])
        return np.flatnonzero(
            (plans["start"] <= self.end) & (plans["start_known"] <= self.end) & np.isnat(ended)
        )

    def _protection(self) -> Table:
        plans, reviews = self.lives.protection, self.lives.protection_reviews
        ended = self._by_now(plans["end"], plans["end_known"])
        shown = (plans["start"] <= self.end) & (plans["start_known"] <= self.end) & ~(ended < self.since)
        rows = np.flatnonzero(shown)
        child, start = plans["child"][rows], plans["start"][rows]
        held = choose(reviews, (reviews["date"] <= self.end) & (reviews["known"] <= self.end))
        reviewed = np.full(len(plans["start"]), NEVER)
        reviewed[held["plan"]] = held["date"]  # in order of date: the last one stays
        until = either(np.isnat(ended[rows]), self.end, ended[rows])
        care = self.lives.care.episodes
        urgent = (
            np.isin(care["status"], ["L1", "L2"])
            & (care["start"] >= self.since)
            & (care["start"] <= self.end)
        )
        young = age(self.lives.children["birth"][child], self.end) < 4
        return self._child(child) | {
            "Child Protection Plan Start Date": start,
            "Initial Category of Abuse": _worded(plans["category"][rows], _ABUSE),
            "Latest Category of Abuse": _worded(plans["latest"][rows], _ABUSE),
            "Date of the Last Statutory Visit": np.maximum(until - child * 5 % 17, start),
            "Was the Child Seen Alone?": either(young, _NO, _YES).astype(object),
            "Date of latest review conference": reviewed[rows],
            "Child Protection Plan End Date": ended[rows],
            _PROTECTED: _flag(np.isin(child, care["child"][urgent])),
            "Number of Previous Child Protection Plans": _number(plans["previous"][rows]),
            **self._team(child, ("Safeguarding East", "Safeguarding West")),
        }

    def _in_care(self) -> Table:
        care = self.lives.care
        stays = care.stays
        rows = np.flatnonzero(self.in_care_from & ~(self.stay_end < self.since))
        child, entry, ended = stays["child"][rows], stays["entry"][rows], self.stay_end[rows]
        now = self._current_episodes()
        incidents = choose(
            care.missing,
            (care.missing["start"] > self.year_ago)
            & (care.missing["start"] <= self.end)
            & (care.missing["known"] <= self.end),
        )
        missing, absent = (
            np.bincount(incidents["stay"][incidents["code"] == code], minlength=len(stays["child"]))[rows]
            for code in ("M", "A")
        )
        reviews = choose(
            care.reviews, (care.reviews["date"] <= self.end) & (care.reviews["known"] <= self.end)
        )
        reviewed = np.full(len(stays["child"]), NEVER)
        reviewed[reviews["stay"]] = reviews["date"]
        previous_end = np.append(NEVER, stays["end"][:-1])
        again = (np.append(-1, stays["child"][:-1]) == stays["child"]) & (previous_end > self.year_ago)
        offered = missing > 0
        place = place_codes(now["place"][rows], self.month.financial_year, child)
        outside = child % 5 < 2
        until = either(np.isnat(ended), self.end, ended)
        plan = np.select(
            [stays["adopted"][rows], now["status"][rows] == "C2", child % 4 == 0],
            ["b) Adoption", "f) Long-term fostering", "c) SGO/CAO"],
            "a) Return to family",
        ).astype(object)
        return self._child(child) | {
            "Unaccompanied Asylum Seeking Child (UASC) within the Last 12 Months (Y/N)": _flag(
                stays["unaccompanied"][rows]
            ),
            "Date Started to be Looked After": entry,
            "Child's Category of Need": _worded(stays["need"][rows], _NEEDS),
            _AGAIN: _flag(again[rows]),
            "Start date of current legal status": now["status_start"][rows],
            "Child's Legal Status": now["status"][rows],
            "Date of Latest Statutory Review": reviewed[rows],
            "Date of Last Social Work Visit": np.maximum(until - child * 3 % 45, entry),
            "What is the permanence plan for this child?": plan,
            "Date of Last IRO Visit / Contact to the Child": reviewed[rows],
            "Date of Last Health Assessment": self._checked(entry, until, child * 11),
            "Date of Last Dental Check": self._checked(entry, until, child * 17),
            "Number of Placements in the Last 12 months": _number(np.maximum(now["placements"][rows], 1)),
            "Date Ceased to be Looked After": ended,
            "Reason Ceased to be Looked After": either(np.isnat(ended), None, stays["exit"][rows]),
            "Start Date of Most Recent Placement": now["placement_start"][rows],
            "Placement Type": _worded(place, _PLACEMENTS),
            "Placement Provider": _worded(now["provider"][rows], _PROVIDERS),
            "Placement postcode": now["postcode"][rows],
            "URN of Placement": now["urn"][rows],
            "Placement Location": either(outside, "b) Out", "a) In").astype(object),
            "LA of Placement": either(outside, "Otherton Council", self.council).astype(object),
            "Number of Episodes the Child has been 'Missing' from their Placement in the last 12 months": (
                _number(missing)
            ),
            "Number of Episodes the Child has been 'Absent' from their Placement in the last 12 months": (
                _number(absent)
            ),
            "Was the child offered a Return Interview after their last missing episode (Y/N)?": either(
                offered, _flag(child % 8 != 0), None
            ),
            "Did the child accept a Return Interview after their last missing episode (Y/N)?": either(
                offered, _flag((child % 8 != 0) & (child % 3 != 0)), None
            ),
            **self._team(child, ("Children in Care",)),
        }

    def _checked(self, entry: Array, until: Array, mixed: Array) -> Array:
        """When a yearly check was last held; some in a hundred are overdue, and none before care."""
        date = until - mixed % 380
        return either(date > entry, date, NEVER)

    def _current_episodes(self) -> Table:
        """What the episodes up to now say of each stay, one row a stay."""
        stays, episodes = self.lives.care.stays, self.lives.care.episodes
        happened = (episodes["start"] <= self.end) & (episodes["known"] <= self.end)
        rows = choose(episodes, happened)
        stay, number = rows["stay"], np.arange(len(rows["stay"]))
        opens = np.append(True, stay[1:] != stay[:-1])
        changed = opens | np.append(True, rows["status"][1:] != rows["status"][:-1])
        placed = opens | np.isin(rows["rne"], _NEW_PLACEMENT)
        last = last_of_group(stay)
        found: Table = {
            "status": np.full(len(stays["child"]), None, dtype=object),
            "status_start": np.full(len(stays["child"]), NEVER),
            "placement_start": np.full(len(stays["child"]), NEVER),
            **{
                name: np.full(len(stays["child"]), None, dtype=object)
                for name in ("place", "provider", "postcode", "urn")
            },
        }
        at = stay[last]
        for name in ("status", "place", "provider", "postcode", "urn"):
            found[name][at] = rows[name][last]
        for name, begins in (("status_start", changed), ("placement_start", placed)):
            since = np.maximum.accumulate(either(begins, number, 0))
            found[name][at] = rows["start"][since[last]]
        recent = placed & (rows["start"] > self.year_ago)
        # the placement that the twelve months began with counts too
        found["placements"] = np.bincount(stay[recent], minlength=len(stays["child"])) + (
            stays["entry"] <= self.year_ago
        )
        return found

    def _leavers(self) -> Table:
        care, birth = self.lives.care, self.lives.children["birth"]
        stays = care.stays
        known = choose(
            care.leavers, (care.leavers["birthday"] <= self.end) & (care.leavers["known"] <= self.end)
        )
        known = choose(known, ~np.isnat(self.stay_end[known["stay"]]))
        known = choose(known, np.lexsort((known["birthday"], stays["child"][known["stay"]])))
        known = choose(known, last_of_group(stays["child"][known["stay"]]))
        sixteen = birthday(birth[stays["child"]], 16)
        eligible = np.flatnonzero(
            self.in_care_from
            & np.isnat(self.stay_end)
            & (sixteen <= self.end)
            & (stays["entry"] <= self.end - 91)
        )
        n = len(eligible)
        rows = stack(
            [
                {name: known[name] for name in ("stay", "activity", "accommodation", "in_touch")}
                | {"eligible": np.zeros(len(known["stay"]), dtype=bool)},
                {
                    "stay": eligible,
                    "activity": np.full(n, "F2", dtype=object),
                    "accommodation": np.full(n, "Y1", dtype=object),
                    "in_touch": np.full(n, "YES", dtype=object),
                    "eligible": np.ones(n, dtype=bool),
                },
            ]
        )
        child = stays["child"][rows["stay"]]
        keep = rows["eligible"] | ~np.isin(child, child[rows["eligible"]])
        rows, child = choose(rows, keep), child[keep]
        adult = birthday(birth[child], 18) <= self.end
        place = rows["accommodation"].astype("U2")
        recorded = place != "0"
        suitable = either(np.char.endswith(place, "1"), "a) Suitable", "b) Unsuitable")
        touch = rows["in_touch"] == "YES"
        team = self._team(child, ("Leaving Care",))
        adviser = self._team(child + 1, ("Leaving Care",))["Allocated Worker"]
        return self._child(child) | {
            "Unaccompanied Asylum Seeking Child (UASC), or formerly UASC if 18 or over (Y/N)": _flag(
                stays["unaccompanied"][rows["stay"]]
            ),
            **team,
            "Allocated Personal Advisor": adviser,
            "Eligibility Category": np.select(
                [rows["eligible"], adult],
                ["d) Eligible child", "b) Former relevant child"],
                "a) Relevant child",
            ).astype(object),
            "Latest Pathway Plan Review Date": self.end - child * 13 % 200,
            "LA in Touch": either(touch, _YES, rows["in_touch"]).astype(object),
            "Latest Date of Contact": either(touch, self.end - child * 7 % 55, self.end - 60 - child % 200),
            "Type of Accommodation": either(recorded, place.astype("U1").astype(object), None),
            "Suitability of Accommodation": either(recorded, suitable, None),
            "Activity Status": either(rows["activity"] == "0", None, rows["activity"]),
        }

    def _families(self) -> Table:
        """The families that adopt, one row a stay that ends in adoption, with the steps of their approval."""
        care = self.lives.care
        stays, stay = care.stays, care.adoptions["stay"]
        rng = stream(self.seed, 11, 3)
        n = len(stay)
        matched = stays["matched"][stay]
        approved = working_day(matched - between(rng, 20, 150, n))
        stage_2_end = approved - between(rng, 7, 20, n)
        stage_2 = stage_2_end - between(rng, 90, 120, n)
        stage_1_end = stage_2 - between(rng, 1, 25, n)
        stage_1 = stage_1_end - between(rng, 50, 60, n)
        return {
            "stay": stay,
            "id": numbered("FAM", np.arange(1, n + 1), 5),
            "enquiry": stage_1 - between(rng, 10, 60, n),
            "stage_1": stage_1,
            "stage_1_end": stage_1_end,
            "stage_2": stage_2,
            "stage_2_end": stage_2_end,
            "approved": approved,
            "leaves": rng.random(n) < scenario()["annex_a"]["adopters_who_leave"],
        }

    def _adoption(self) -> Table:
        stays, families = self.lives.care.stays, self._families()
        stay = families["stay"]
        shown = self.in_care_from[stay] & (stays["decided"][stay] <= self.end)
        rows = np.flatnonzero(shown & ~(self.stay_end[stay] < self.year_ago))
        stay = stay[rows]
        child = stays["child"][stay]
        matched = self._shown(stays["matched"][stay])
        return self._child(child) | {
            "Family identifier": either(np.isnat(matched), None, families["id"][rows]),
            "Date the Child Entered Care": stays["entry"][stay],
            "Date of Decision that Child Should be Placed for Adoption": stays["decided"][stay],
            "Date of Placement Order": self._shown(stays["decided"][stay] + 20),
            "Date of Matching Child and Prospective Adopters": matched,
            "Date Placed for Adoption": self._shown(stays["placed"][stay]),
            "Date of Adoption Order": self.stay_end[stay],
            "Date of Decision that Child Should No Longer be Placed for Adoption": np.full(len(rows), NEVER),
            "Reason Why Child No Longer Placed for Adoption": np.full(len(rows), None, dtype=object),
            "Date the child was placed for fostering in FFA or concurrent planning placement": either(
                stays["by_carer"][stay], stays["placed"][stay] - 120, NEVER
            ),
        }

    def _adopters(self) -> Table:
        care, families = self.lives.care, self._families()
        stays, stay = care.stays, families["stay"]
        shown = (families["enquiry"] <= self.end) & ~(self.stay_end[stay] < self.year_ago)
        adopting = np.flatnonzero(shown)
        adults = care.adoptions["adopters"][adopting]
        row = np.repeat(adopting, adults)
        adult = np.arange(len(row)) - np.repeat(np.cumsum(adults) - adults, adults)
        # beside them, families like these who gave up in stage 1
        gave_up = families["stage_1_end"] + 5
        left = np.flatnonzero(
            families["leaves"] & (families["enquiry"] <= self.end) & (gave_up >= self.year_ago)
        )
        row, adult = np.concatenate([row, left]), np.concatenate([adult, np.zeros(len(left), dtype=int)])
        leaver = np.concatenate([np.zeros(len(row) - len(left), dtype=bool), np.ones(len(left), dtype=bool)])
        stay, n = stay[row], len(row)
        couple = care.adoptions["sex"][row].astype("U2")
        male = either(adult == 0, np.char.startswith(couple, "M"), np.char.endswith(couple, "M"))
        family = either(leaver, np.char.add("X", families["id"][row].astype("U20")), families["id"][row])
        identifier = np.char.add(np.char.add(family.astype("U20"), "-"), (adult + 1).astype("U1"))
        placed = either(leaver, NEVER, self._shown(stays["placed"][stay]))
        leaving = either(leaver, self._shown(gave_up[row]), NEVER)

        def step(name: str, to_end: bool = True) -> Array:
            return either(leaver & to_end, NEVER, self._shown(families[name][row]))

        table = {
            "Individual adopter identifier": identifier.astype(object),
            "Family identifier": family.astype(object),
            "Gender": either(male, "a) Male", "b) Female").astype(object),
            "Ethnicity": np.full(n, "a) White British", dtype=object),
            "Disability": np.full(n, _NO, dtype=object),
            "Is the (prospective) adopter fostering for adoption?": _flag(stays["by_carer"][stay] & ~leaver),
            "Date enquiry received": families["enquiry"][row],
            "Date Stage 1 started": step("stage_1", to_end=False),
            "Date Stage 1 ended": step("stage_1_end"),
            "Date Stage 2 started": step("stage_2"),
            "Date Stage 2 ended": step("stage_2_end"),
            "Date application submitted": step("stage_2"),
            "Date application approved": step("approved"),
            "Date adopter matched with child(ren)": either(
                leaver, NEVER, self._shown(stays["matched"][stay])
            ),
            "Date child/children placed with adopter(s)": placed,
            "No. of children placed": either(np.isnat(placed), None, "1"),
            "Date of Adoption Order": either(leaver, NEVER, self.stay_end[stay]),
            "Date of leaving adoption process": leaving,
            "Reason for leaving adoption process": either(
                np.isnat(leaving), None, "1 - Adopter withdrew from process"
            ),
        }
        return stack([table, self._canary_adopter(table)]) if self.end >= _ENQUIRY else table

    def _canary_adopter(self, table: Table) -> Table:
        """Somebody who asked in May 2025 and has begun stage 1, with the identifiers to be searched for."""
        row = {
            name: np.full(1, NEVER if values.dtype.kind == "M" else None) for name, values in table.items()
        }
        values = {
            "Individual adopter identifier": CANARY["adopter_id"],
            "Family identifier": CANARY["family_id"],
            "Gender": "b) Female",
            "Ethnicity": "WBRI",
            "Disability": _NO,
            "Is the (prospective) adopter fostering for adoption?": _NO,
        }
        row |= {name: np.array([value], dtype=object) for name, value in values.items()}
        row["Date enquiry received"] = np.array([_ENQUIRY])
        row["Date Stage 1 started"] = self._shown(np.array([_ENQUIRY + 30]))
        return row
