"""A delivery opened for checking: its tables in an in-memory DuckDB database, cast once into types.

Validation and staging both work on these tables, so a value is read as a date or a number in one place.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

import duckdb
import numpy as np
import pyarrow as pa

from scrutiny import datasets
from scrutiny.datasets import DateForm
from scrutiny.periods import FinancialYear, Month
from scrutiny.settings import settings
from scrutiny.validation import companions

if TYPE_CHECKING:
    from scrutiny.datasets import Table
    from scrutiny.landing import Receipt

# What the rules share. Weekdays are counted from Monday 1 January 1900. Working days are those after the
# first day, up to and with the last. A plain label is one without the letter before it, case and signs.
_MACROS = """
create macro age_at(birth, day) as datesub('year', birth, day);
create macro is_weekend(day) as isodow(day) > 5;
create macro weekday_ordinal(day) as
    5 * (datediff('day', date '1900-01-01', day) // 7)
    + least(datediff('day', date '1900-01-01', day) % 7 + 1, 5);
create macro working_days_between(first_day, last_day) as
    weekday_ordinal(last_day) - weekday_ordinal(first_day)
    - (select count(*) from bank_holidays where holiday_date > first_day and holiday_date <= last_day);
create macro check_total(number) as
    list_sum(list_transform(range(1, 10), lambda i: (11 - i) * try_cast(substr(number, i, 1) as integer)));
-- The parts are all worked out, whatever the first says: a text that is no number must not break the others.
create macro is_nhs_number(number) as case when number is not null then coalesce(
    regexp_full_match(number, '[0-9]{10}')
    and number <> repeat(left(number, 1), 10)
    and 11 - check_total(number) % 11
        = case substr(number, 10, 1) when '0' then 11 else try_cast(substr(number, 10, 1) as integer) end,
    false
) end;
create macro is_upn(number) as regexp_full_match(number, '[A-Z][0-9]{11}[0-9A-Z]');
create macro is_release_1_only(list_name, value) as
    value in (select r1_value from release_1_only where list = list_name);
create macro plain_postcode(postcode) as upper(replace(postcode, ' ', ''));
create macro without_letter(label) as
    regexp_replace(label, '^\\s*\\(?[a-z]{1,2}[0-9]?\\)\\s*(\\S.*)$', '\\1', 's');
create macro plain_label(label) as
    trim(regexp_replace(without_letter(lower(label)), '[^a-z0-9]+', ' ', 'g'));
"""

# What the SSDA903 guidance derives from the two postcodes of an episode. The distance is left blank for
# children who came unaccompanied, now or last year, and unknown if a postcode is not in the table.
_PLACES = f"""
update {{episodes}} as episode set
    "PL_LA" = place.local_authority_code,
    "PL_LOCATION" = case when place.local_authority_code in ($1, $2) then 'IN'
                         when place.local_authority_code is not null then 'OUT' end,
    "PL_WARD" = place.ward_code,
    "HOME_WARD" = home.ward_code,
    "PL_DISTANCE" = case
        when sent."HOME_POST" is null or sent."PL_POST" is null then null
        when sent."CHILD" in (from uasc select "CHILD") then null
        when sent."CHILD" in (from last_year_uasc select "CHILD") then null
        else coalesce(
            round(
                sqrt(pow(home.easting - place.easting, 2) + pow(home.northing - place.northing, 2))
                / 1000 / 1.6093,
                1
            ),
            {companions.UNKNOWN_DISTANCE}
        )
    end
from {{episodes}} as sent
left join postcodes as home on plain_postcode(sent."HOME_POST") = plain_postcode(home.postcode)
left join postcodes as place on plain_postcode(sent."PL_POST") = plain_postcode(place.postcode)
where episode.row_id = sent.row_id
"""


SQL_TYPES = {
    "text": "varchar",
    "code": "varchar",
    "label": "varchar",
    "date": "date",
    "month": "varchar",
    "integer": "integer",
    "decimal": "decimal(18,6)",
    "flag": "boolean",
}


def quoted(name: str) -> str:
    """A column or table name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def as_sent(column: str) -> str:
    """The name under which a typed column's text is kept beside it."""
    return f"{column} (as sent)"


def typed_columns(name: str, kind: str, dates: DateForm, code_set: str = "") -> list[str]:
    """SQL that reads a column of text (blank is null) as a layout type.

    Gives the typed column and, unless it is text anyway, the text beside it. What cannot be read is null in
    the typed column only. The codes of labels are those of ``code_set`` in the table ``labels``.
    """
    text = quoted(name)
    typed = f"({_typed(text, kind, dates, code_set)})::{SQL_TYPES[kind]} as {text}"
    if kind in ("text", "code"):
        return [typed]
    return [typed, f"{text}::varchar as {quoted(as_sent(name))}"]


def _typed(text: str, kind: str, dates: DateForm, code_set: str) -> str:
    match kind:
        case "date":
            formats = ", ".join(f"'{date_format}'" for date_format in dates.formats)
            date = f"try_strptime({text}, [{formats}])::date"
            if dates.has_serials:
                is_serial = f"regexp_full_match({text}, '[0-9]{{5}}([.][0-9]+)?')"
                serial = f"date '1899-12-30' + floor({text}::double)::integer"
                date = f"case when {is_serial} then {serial} else {date} end"
            # DuckDB would read the words infinity and epoch too.
            is_number = f"regexp_matches({text}, '^[0-9]')"
            return f"case when {is_number} and year({date}) between 1900 and 2100 then {date} end"
        case "label":
            return (
                f"select any_value(labels.code) from labels "
                f"where labels.code_set = '{code_set}' and labels.label = plain_label(sent.{text})"
            )
        case "month":
            return f"case when regexp_full_match({text}, '[0-9]{{4}}-(0[1-9]|1[0-2])') then {text} end"
        case "integer":
            return f"case when regexp_full_match({text}, '[+-]?[0-9]+') then try_cast({text} as integer) end"
        case "decimal":
            number = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"
            return (
                f"case when regexp_full_match({text}, '{number}') then try_cast({text} as decimal(18,6)) end"
            )
        case "flag":
            return (
                f"case when lower({text}) in ('1', 'true') then true "
                f"when lower({text}) in ('0', 'false') then false end"
            )
        case _:
            return text


class OpenDelivery:
    """The tables of one delivery, typed, in a DuckDB database of its own. Close it (or use ``with``) after.

    Every table of the dataset's layout is there, empty if the delivery does not hold it, under its layout
    name, with ``row_id`` (1, 2, 3 … in the order sent), ``row_number`` (as the sender's spreadsheet or editor
    shows it) and the columns under their source names; a column that is not text also keeps its text as
    ``<column> (as sent)``. The one-row table ``delivery`` holds what rules ask about the delivery:
    authority_code, collection_year, period_start, period_end, as_at_date (the end of the load month or of the
    period, whichever is first), load_month_end, authority_name, ons_code, release. Rules may also ask
    ``bank_holidays`` and ``indicators``. The table ``problems`` is for validation to fill.

    Yearly returns also have the tables of last year's return under ``last_year_<table>``, client level data
    those of earlier files under ``previous_file_<table>`` and ``half_year_before_<table>``, and SSDA903 the
    reference tables ``providers`` and ``postcodes``, from which the derived columns of an episode are filled.
    ``companions`` says which of these were found: the tables of the others are empty.
    ``expectations/<dataset>/views.sql`` holds views that several rules share.
    """

    def __init__(self, receipt: Receipt, tables: dict[str, pa.Table]) -> None:
        self.receipt = receipt
        self.layout = datasets.layout(receipt.dataset)
        self.sent = tables
        self.connection = duckdb.connect(":memory:")
        self.connection.execute("create table problems (outcome integer, row_id bigint, row_number bigint)")
        self._load_seeds()
        self.connection.execute(_MACROS)
        self._describe()
        self._load_labels()
        for table in self.layout.tables:
            self.load(table, tables.get(table.name))
        self._load_companions()
        views = settings().expectations / receipt.dataset / "views.sql"
        if views.is_file():
            self.connection.execute(views.read_text(encoding="utf-8"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    @property
    def financial_year(self) -> FinancialYear:
        """The year whose columns and code sets apply: the collection year, or the year the period ends in."""
        if self.receipt.collection_year:
            return FinancialYear.parse(self.receipt.collection_year)
        if self.receipt.period_end is None:
            return Month.parse(self.receipt.load_month).financial_year
        return Month.of(self.receipt.period_end).financial_year

    def code_set(self, name: str) -> tuple[str, ...]:
        """The codes of a list in this delivery's year and, for client level data, release."""
        return datasets.code_set(name, self.financial_year, self.release)

    @property
    def release(self) -> str | None:
        """The release of client level data a file is written in; None for other datasets."""
        if self.receipt.dataset != "cld" or self.receipt.period_end is None:
            return None
        return datasets.client_level_data_release(self.receipt.period_end)

    def file_of(self, table: str) -> str:
        """The name of the file a table came from, as sent."""
        sent = self.sent.get(table)
        metadata = (sent.schema.metadata if sent is not None else None) or {}
        return str(metadata.get(b"file", self.receipt.name_as_sent.encode()).decode())

    def rows(self, table: str) -> int:
        """How many rows the delivery holds in a table."""
        sent = self.sent.get(table)
        return 0 if sent is None else sent.num_rows

    def _describe(self) -> None:
        receipt = self.receipt
        authority = datasets.authority(receipt.authority_code)
        self.connection.execute(
            """
            create table delivery as select
                $1::varchar as authority_code, $2::varchar as collection_year, $3::date as period_start,
                $4::date as period_end, $5::date as as_at_date, $6::date as load_month_end,
                $7::varchar as authority_name, $8::varchar as ons_code, $9::varchar as release,
                $10::varchar[] as kinds_of_identifiers
            """,
            [
                receipt.authority_code,
                receipt.collection_year,
                receipt.period_start,
                receipt.period_end,
                receipt.as_at_date,
                Month.parse(receipt.load_month).end,
                authority.authority_name,
                authority.ons_code,
                self.release,
                list(receipt.identifiers_of),
            ],
        )

    def _load_seeds(self) -> None:
        """What rules compare with: bank holidays on weekdays, the indicators, wording of Release 1 alone."""
        seeds = settings().seeds
        self.connection.execute(
            "create table bank_holidays as select holiday_date "
            "from read_csv($1, types = {'holiday_date': 'date'}) where isodow(holiday_date) <= 5",
            [str(seeds / "bank_holidays.csv")],
        )
        self.connection.execute(
            "create table indicators as "
            "select distinct indicator_id, unit from read_csv($1, all_varchar = true)",
            [str(seeds / "indicators.csv")],
        )
        self.connection.execute(
            "create table release_1_only as select list, r1_value from read_csv($1, all_varchar = true) "
            "where r1_value not in (select r2_value from read_csv($1, all_varchar = true))",
            [str(seeds / "cld_r1_to_r2.csv")],
        )

    def _load_labels(self) -> None:
        """The labels that stand for a code of this year: the code itself, a wording of it, or both."""
        columns = [
            column for table in self.layout.tables for column in table.columns if column.type == "label"
        ]
        if not columns:
            return
        codes = [
            {"code_set": name, "code": code}
            for name in sorted({column.code_set for column in columns})
            for code in self.code_set(name)
        ]
        self.connection.register("codes", pa.Table.from_pylist(codes))
        self.connection.execute(
            """
            create table labels as
            with worded as (
                select * from read_csv($1, all_varchar = true) semi join codes using (code_set, code)
            ), wordings as (
                select code_set, code, label from worded
                union all select code_set, code, code || ' ' || label from worded
                union all select code_set, code, code from codes
            )
            select distinct code_set, code, plain_label(label) as label from wordings
            """,
            [str(settings().seeds / "labels.csv")],
        )
        self.connection.unregister("codes")

    def keep_views(self) -> None:
        """Work out the views once: from here on they are tables, which many rules can ask quickly."""
        views = self.connection.execute("select view_name from duckdb_views() where not internal").fetchall()
        for statement in (
            "create table {kept} as from {view}",
            "drop view {view}",
            "alter table {kept} rename to {view}",
        ):
            for (view,) in views:
                self.connection.execute(statement.format(view=quoted(view), kept=quoted(f"kept {view}")))

    def _load_companions(self) -> None:
        """The deliveries that rules look at besides this one, and what the lists say about its episodes."""
        from scrutiny.landing import receipts

        found = companions.find(self.receipt, receipts(self.receipt.authority_code))
        self.companions = set(found)
        for companion in companions.COMPANIONS.get(self.receipt.dataset, ()):
            sent = companions.tables(found[companion]) if companion in found else {}
            if companion in companions.REFERENCES:
                (table,) = datasets.layout(companion).tables
                rows = sent.get(table.name)
                self.load(
                    table, self._in_use(rows) if rows is not None and companion == "postcodes" else rows
                )
                continue
            for table in self.layout.tables:
                self.load(table, sent.get(table.name), f"{companion}_{table.name}")
        if "postcodes" in self.companions:
            authority = datasets.authority(self.receipt.authority_code)
            for episodes in ("episodes", "last_year_episodes"):
                self.connection.execute(
                    _PLACES.format(episodes=episodes), [authority.authority_code, authority.ons_code]
                )

    def _in_use(self, postcodes: pa.Table) -> pa.Table:
        self.connection.register("sent", postcodes)
        found = self.connection.execute(
            """
            with used as (
                select unnest(["HOME_POST", "PL_POST"]) as postcode from episodes
                union select unnest(["HOME_POST", "PL_POST"]) from last_year_episodes
            )
            from sent semi join (select distinct plain_postcode(postcode) as plain from used) as used
                on plain_postcode(sent.postcode) = used.plain
            """
        ).to_arrow_table()
        self.connection.unregister("sent")
        return found

    def load(self, table: Table, sent: pa.Table | None, name: str | None = None) -> None:
        """Type the rows sent for a table, in place of what it (or the table ``name``) holds."""
        dates = datasets.DATE_FORMS[datasets.dataset(self.receipt.dataset).dates]
        if sent is None:
            columns = [(column.name, pa.string()) for column in table.columns]
            sent = pa.schema([*columns, ("row_number", pa.int64())]).empty_table()
        select = ["row_id", "row_number"]
        for column in table.columns:
            select += typed_columns(column.name, column.type, dates, column.code_set)
        # Several elements of an XML file can share a source line, so rows get a key of their own.
        sent = sent.append_column("row_id", pa.array(np.arange(1, sent.num_rows + 1)))
        self.connection.register("sent", sent)
        self.connection.execute(
            f"create or replace table {quoted(name or table.name)} as select {', '.join(select)} from sent"
        )
        self.connection.unregister("sent")
