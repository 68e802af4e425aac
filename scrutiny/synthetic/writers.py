"""Writes CSV extracts and the workforce census XML. The census of children in need is in ``cin``."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from scrutiny.synthetic.draws import Array, Table, either
from scrutiny.synthetic.people import CANARY
from scrutiny.synthetic.workforce import TITLES, Workforce, establishment

ZIP_TIME = (2025, 1, 1, 0, 0, 0)


def _arrow(values: Array) -> pa.Array:
    if values.dtype.kind == "M":
        return pa.array(values.astype("datetime64[D]"), type=pa.date32(), from_pandas=True)
    if values.dtype.kind in "OU":
        return pa.array(values, type=pa.string(), from_pandas=True)
    return pa.array(values, from_pandas=True)


@cache
def _writer() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 2})


def write_csv(table: Table, path: Path) -> None:
    """One CSV file: header as the table's columns, dates ``dd/mm/yyyy``, blank for none."""
    arrow = pa.table({name: _arrow(values) for name, values in table.items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = _writer()
    writer.register("extract", arrow)
    writer.execute(
        "copy (from extract) to $path (format csv, header, dateformat '%d/%m/%Y')", {"path": str(path)}
    )
    writer.unregister("extract")


def write_zip(files: Mapping[str, Path], path: Path) -> None:
    """An archive of files under the given names, the same bytes for the same content."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in files.items():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())


def establishment_table(workforce: Workforce, months: Array) -> Table:
    """The establishment list of some months as the authority's system exports it."""
    parts = []
    for month in months:
        table = establishment(workforce, month)
        parts.append(table | {"month": np.full(len(table["post"]), str(month), dtype=object)})
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    held, who, workers = table["worker"] >= 0, np.maximum(table["worker"], 0), workforce.workers
    titles = np.array([TITLES[role] for role in table["role"].tolist()], dtype=object)

    def number(values: Array, pattern: str) -> Array:
        return either(np.isnan(values), None, np.char.mod(pattern, np.nan_to_num(values)).astype(object))

    return {
        "Month": table["month"],
        "Post ID": table["post"],
        "Team": table["team"],
        "Job Title": titles,
        "Role": table["role"].astype("U1").astype(object),
        "Post FTE": number(table["post_fte"], "%.2f"),
        "Status": either(table["filled"], "Filled", "Vacant").astype(object),
        "Holder ID": either(held, workers["id"][who], None),
        "Holder Name": either(held, workers["name"][who], None),
        "Holder FTE": number(table["fte"], "%.2f"),
        "Agency": either(table["agency"], "Yes", "No").astype(object),
        "Start Date": table["start"],
        "Leave Date": table["leave"],
        "Leaving Reason": table["reason"],
        "Cases Held": number(table["cases"], "%d"),
    }


def census_table(rows: Table) -> Table:
    """The workers of the workforce census, elements in schema order, blank where an element is left out."""
    staff = ~rows["agency"]
    started = staff & rows["start_in_year"]
    first_year = started & (rows["role"] == 5) & (rows["origin"] == "1")
    working = ~rows["gone"]
    fte = np.char.mod("%.6f", rows["fte"]).astype(object)
    n = len(fte)

    def only(mask: Array, values: Array | str) -> Array:
        return either(mask, values, np.full(n, None, dtype=object))

    return {
        "AgencyWorker": rows["agency"].astype(int).astype("U1").astype(object),
        "SWENo": rows["id"],
        "FTE": fte,
        "PersonBirthDate": rows["birth"],
        "GenderCurrent": rows["gender"],
        "Ethnicity": rows["ethnicity"],
        "QualInst": either(rows["id"] == CANARY["worker_id"], CANARY["qualified_at"], "Mock University"),
        "QualLevel": only(staff, rows["qualification"]),
        "StepUpGrad": only(staff, "0"),
        "OrgRole": rows["role"].astype("U1").astype(object),
        "RoleStartDate": rows["start"],
        "StartOrigin": only(started, rows["origin"]),
        "RoleEndDate": either(staff & rows["gone"], rows["leave"], np.datetime64("NaT")),
        "LeaverDestination": only(staff & rows["gone"], rows["destination"]),
        "ReasonLeave": only(staff & rows["gone"], rows["reason"]),
        "FTE30": only(working, fte),
        "Cases30": only(working, rows["cases"].astype(int).astype("U3").astype(object)),
        "WorkingDaysLost": only(staff, np.char.mod("%.2f", rows["days_lost"]).astype(object)),
        "ContractWeeks": only(staff, "52.0"),
        "FrontlineGrad": only(staff, "0"),
        "Absat30Sept": only(staff & working, "0"),
        "CFKSSstatus": only(
            staff & np.isin(rows["role"], [4, 5]), either(first_year, "1", "2").astype(object)
        ),
    }


def write_workforce_census(
    workers: Table, vacancies: tuple[float, float, int], path: Path, year: int, authority_code: str
) -> None:
    """The workforce census XML for 30 September of a year.

    ``vacancies``: FTE vacant, and FTE and headcount of the agency workers covering them.
    """
    names = list(workers)
    columns = []
    for name in names:
        text = workers[name]
        if text.dtype.kind == "M":
            text = either(np.isnat(text), None, np.datetime_as_string(text).astype(object))
        columns.append(text.tolist())
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(
            '<?xml version="1.0" encoding="utf-8"?>\n<Message>\n<Header>\n<CollectionDetails>\n'
            f"<Collection>CSWW</Collection>\n<Year>{year}</Year>\n<ReferenceDate>{year}-09-30</ReferenceDate>\n"
            f"</CollectionDetails>\n<Source>\n<SourceLevel>L</SourceLevel>\n<LEA>{authority_code}</LEA>\n"
            f"<SoftwareCode>Synthetic</SoftwareCode>\n<DateTime>{year}-10-20T09:00:00</DateTime>\n</Source>\n</Header>\n"
            f"<LALevelVacancies>\n<NumberOfVacancies>{vacancies[0]:.2f}</NumberOfVacancies>\n"
            f"<NoAgencyFTE>{vacancies[1]:.2f}</NoAgencyFTE>\n<NoAgencyHeadcount>{vacancies[2]}</NoAgencyHeadcount>\n"
            "</LALevelVacancies>\n"
        )
        for row in zip(*columns, strict=True):
            elements = "".join(f"<{n}>{v}</{n}>\n" for n, v in zip(names, row, strict=True) if v is not None)
            file.write(f"<CSWWWorker>\n{elements}</CSWWWorker>\n")
        file.write("</Message>\n")


def commentary_table(quarter: str, entries: list[dict[str, str]]) -> Table:
    """The commentary of a quarter: what the performance team says about indicators."""
    titles = {
        "Indicator": "indicator",
        "Quarter": None,
        "Commentary": "text",
        "Cause": "cause",
        "Action": "action",
        "Owner": "owner",
        "Due Date": "due",
        "Author": "author",
    }
    return {
        title: np.array(
            [quarter if key is None else entry.get(key) or None for entry in entries], dtype=object
        )
        for title, key in titles.items()
    }
