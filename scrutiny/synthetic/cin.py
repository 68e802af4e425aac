"""The children in need census of a collection year as XML, as known on a day."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from scrutiny.periods import FinancialYear
from scrutiny.synthetic.children import Children
from scrutiny.synthetic.draws import NEVER, Array, Table, birthday, choose, either, working_day


def census(
    lives: Children, year: FinancialYear, cutoff: np.datetime64, known: np.datetime64
) -> dict[str, Table]:
    """The census as flat tables of its blocks, in document order.

    It lists children referred in the year or open at its start.
    Tables below ``children`` carry ``child``, the position in ``children``; those below ``cin_details`` also
    ``episode``, the position there.
    """
    first = np.datetime64(year.start)
    happened = choose(
        lives.episodes, (lives.episodes["referral"] <= cutoff) & (lives.episodes["referral_known"] <= known)
    )
    shut = (happened["closed"] <= cutoff) & (happened["closed_known"] <= known)
    happened["closed"] = either(shut, happened["closed"], NEVER)
    happened["reason"] = either(shut, happened["reason"], None)
    happened = choose(happened, ~(happened["closed"] < first))
    child, position = np.unique(happened["child"], return_inverse=True)
    who = lives.children
    born = who["birth"][child] <= cutoff
    school = birthday(who["birth"][child], 5) <= cutoff
    has_upn = born & school & ~who["no_upn"][child] & ~who["unaccompanied"][child]
    children: Table = {
        "LAchildID": who["id"][child],
        "UPN": either(has_upn, who["upn"][child], None),
        "FormerUPN": either(has_upn, who["former_upn"][child], None),
        "UPNunknown": either(has_upn, None, either(born & school, "UN2", "UN1")),
        "PersonBirthDate": either(born, who["birth"][child], NEVER),
        "ExpectedPersonBirthDate": either(born, NEVER, who["birth"][child]),
        "Sex": either(born, who["sex"][child], "U"),
        "PersonDeathDate": either(who["death"][child] <= cutoff, who["death"][child], NEVER),
        "Ethnicity": who["ethnicity"][child],
        "Disability": who["disability"][child],
        "Disability2": who["disability_2"][child],
    }
    place = np.full(len(lives.episodes["child"]), -1)
    place[happened["episode"]] = np.arange(len(position))

    def below(table: Table, relevant: Array) -> tuple[Table, Array]:
        """The rows of a block that belong to a listed episode and are known, with ends only if known."""
        keep = (
            relevant
            & (place[table["episode"]] >= 0)
            & (table["start"] <= cutoff)
            & (table["start_known"] <= known)
        )
        rows = choose(table, keep)
        rows["end"] = either((rows["end"] <= cutoff) & (rows["end_known"] <= known), rows["end"], NEVER)
        rows["episode"] = place[rows["episode"]]
        return rows, np.flatnonzero(keep)

    def current(table: Table) -> Array:
        return ~((table["end"] < first) & (table["end_known"] <= known))

    assessments, kept = below(lives.assessments, current(lives.assessments))
    at = np.full(len(lives.assessments["start"]), -1)
    at[kept] = np.arange(len(kept))
    done = np.append(~np.isnat(assessments["end"]), False)
    factor_of = at[lives.factors["assessment"]]
    shown = (factor_of >= 0) & done[factor_of]
    enquiries, _ = below(lives.section_47, current(lives.section_47))
    decided = ~np.isnat(enquiries["end"])
    plans, _ = below(lives.plans, current(lives.plans))
    protection, kept = below(lives.protection, current(lives.protection))
    at = np.full(len(lives.protection["start"]), -1)
    at[kept] = np.arange(len(kept))
    reviews = lives.protection_reviews
    seen = (
        (at[reviews["plan"]] >= 0)
        & (reviews["date"] >= first)
        & (reviews["date"] <= cutoff)
        & (reviews["known"] <= known)
    )
    return {
        "children": children,
        "cin_details": {
            "child": position,
            "CINreferralDate": happened["referral"],
            "ReferralSource": happened["source"],
            "PrimaryNeedCode": happened["need"],
            "CINclosureDate": happened["closed"],
            "ReasonForClosure": happened["reason"],
            "ReferralNFA": happened["no_action"].astype(int).astype("U1").astype(object),
        },
        "assessments": {
            "episode": assessments["episode"],
            "AssessmentActualStartDate": assessments["start"],
            "AssessmentAuthorisationDate": assessments["end"],
        },
        "assessment_factors": {
            "assessment": factor_of[shown],
            "AssessmentFactors": lives.factors["code"][shown],
        },
        "cin_plans": {
            "episode": plans["episode"],
            "CINPlanStartDate": plans["start"],
            "CINPlanEndDate": plans["end"],
        },
        "section_47": {
            "episode": enquiries["episode"],
            "S47ActualStartDate": enquiries["start"],
            "InitialCPCtarget": working_day(enquiries["start"], 15),
            "DateOfInitialCPC": either(decided, enquiries["conference"], NEVER),
            "ICPCnotRequired": either(decided & np.isnat(enquiries["conference"]), "1", "0").astype(object),
        },
        "child_protection_plans": {
            "episode": protection["episode"],
            "CPPstartDate": protection["start"],
            "CPPendDate": protection["end"],
            "InitialCategoryOfAbuse": protection["category"],
            "LatestCategoryOfAbuse": protection["latest"],
            "NumberOfPreviousCPP": protection["previous"].astype("U2").astype(object),
        },
        "child_protection_reviews": {
            "plan": at[reviews["plan"]][seen],
            "CPPreviewDate": reviews["date"][seen],
        },
    }


def _text(values: Array) -> list[str]:
    """Values as XML text; empty for none."""
    if values.dtype.kind == "M":
        return ["" if value == "NaT" else value for value in np.datetime_as_string(values).tolist()]
    return ["" if value is None else str(value) for value in values.tolist()]


def _elements(table: Table, names: Iterable[str], flags: dict[str, str] | None = None) -> list[str]:
    """The named columns of each row as elements, one a line; a blank value gives no element."""
    rows = [""] * len(next(iter(table.values())))
    for name in names:
        values = _text(table[name])
        if flags and name in ("ReferralNFA", "ICPCnotRequired"):
            values = [flags.get(value, value) for value in values]
        rows = [
            row + f"<{name}>{value}</{name}>\n" if value else row
            for row, value in zip(rows, values, strict=True)
        ]
    return rows


def _nest(rows: list[str], parent: Array, parents: int) -> list[str]:
    """The fragments of each parent, joined."""
    joined = [""] * parents
    for row, at in zip(rows, parent.tolist(), strict=True):
        joined[at] += row
    return joined


def _wrap(rows: list[str], name: str) -> list[str]:
    return [f"<{name}>\n{row}</{name}>\n" if row else "" for row in rows]


def write(
    tables: dict[str, Table], path: Path, year: FinancialYear, authority_code: str, sent: np.datetime64
) -> None:
    """Write the tables of :func:`census` in the order of the published schema."""
    flags = {"1": "true", "0": "false"} if year.start_year < 2024 else None
    children, details = dict(tables["children"]), tables["cin_details"]
    parents = {name: len(next(iter(table.values()))) for name, table in tables.items()}
    sex = "Sex"
    if year.start_year < 2024:
        sex = "GenderCurrent"
        children[sex] = np.select([children["Sex"] == "M", children["Sex"] == "F"], ["1", "2"], "0").astype(
            object
        )

    factors = _nest(
        _elements(tables["assessment_factors"], ["AssessmentFactors"]),
        tables["assessment_factors"]["assessment"],
        parents["assessments"],
    )
    assessed = _elements(tables["assessments"], ["AssessmentActualStartDate", "AssessmentAuthorisationDate"])
    assessed = [a + f for a, f in zip(assessed, _wrap(factors, "FactorsIdentifiedAtAssessment"), strict=True)]
    reviews = _nest(
        _elements(tables["child_protection_reviews"], ["CPPreviewDate"]),
        tables["child_protection_reviews"]["plan"],
        parents["child_protection_plans"],
    )
    protected = _elements(
        tables["child_protection_plans"],
        [
            "CPPstartDate",
            "CPPendDate",
            "InitialCategoryOfAbuse",
            "LatestCategoryOfAbuse",
            "NumberOfPreviousCPP",
        ],
    )
    protected = [p + r for p, r in zip(protected, _wrap(reviews, "Reviews"), strict=True)]

    def block(rows: list[str], name: str, table: str) -> list[str]:
        return _nest(_wrap(rows, name), tables[table]["episode"], parents["cin_details"])

    parts = [
        _elements(
            details,
            ["CINreferralDate", "ReferralSource", "PrimaryNeedCode", "CINclosureDate", "ReasonForClosure"],
        ),
        block(assessed, "Assessments", "assessments"),
        block(
            _elements(tables["cin_plans"], ["CINPlanStartDate", "CINPlanEndDate"]),
            "CINPlanDates",
            "cin_plans",
        ),
        block(
            _elements(
                tables["section_47"],
                ["S47ActualStartDate", "InitialCPCtarget", "DateOfInitialCPC", "ICPCnotRequired"],
                flags,
            ),
            "Section47",
            "section_47",
        ),
        _elements(details, ["ReferralNFA"], flags),
        block(protected, "ChildProtectionPlans", "child_protection_plans"),
    ]
    episodes = _nest(
        _wrap(["".join(row) for row in zip(*parts, strict=True)], "CINdetails"),
        details["child"],
        parents["children"],
    )
    identifiers = _elements(
        children,
        [
            "LAchildID",
            "UPN",
            "FormerUPN",
            "UPNunknown",
            "PersonBirthDate",
            "ExpectedPersonBirthDate",
            sex,
            "PersonDeathDate",
        ],
    )
    disability = [
        "".join(pair)
        for pair in zip(
            _elements(children, ["Disability"]),
            _elements({"Disability": children["Disability2"]}, ["Disability"]),
            strict=True,
        )
    ]
    traits = [
        e + d
        for e, d in zip(_elements(children, ["Ethnicity"]), _wrap(disability, "Disabilities"), strict=True)
    ]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(
            '<?xml version="1.0" encoding="utf-8"?>\n<Message>\n<Header>\n<CollectionDetails>\n'
            f"<Collection>CIN</Collection>\n<Year>{year.end.year}</Year>\n<ReferenceDate>{year.end}</ReferenceDate>\n"
            "</CollectionDetails>\n<Source>\n<SourceLevel>L</SourceLevel>\n"
            f"<LEA>{authority_code}</LEA>\n<SoftwareCode>Synthetic</SoftwareCode>\n<Release>1</Release>\n"
            f"<SerialNo>001</SerialNo>\n<DateTime>{sent}T09:00:00</DateTime>\n</Source>\n</Header>\n<Children>\n"
        )
        file.writelines(
            f"<Child>\n<ChildIdentifiers>\n{i}</ChildIdentifiers>\n<ChildCharacteristics>\n{t}</ChildCharacteristics>\n{e}</Child>\n"
            for i, t, e in zip(identifiers, traits, episodes, strict=True)
        )
        file.write("</Children>\n</Message>\n")
