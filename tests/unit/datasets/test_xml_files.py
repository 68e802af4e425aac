"""A census is flattened as its layout says, in document order, without trusting the file."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from scrutiny.datasets import Unreadable, layout, spreadsheet_column, xml_files
from scrutiny.periods import FinancialYear

CENSUS = """<?xml version="1.0" encoding="utf-8"?>
<Message>
<Header><CollectionDetails><Collection>CIN</Collection></CollectionDetails></Header>
<Children>
<Child>
<ChildIdentifiers><LAchildID> A1 </LAchildID><!-- a note --><UPN></UPN><Sex>F</Sex></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>WBRI</Ethnicity>
<Disabilities><Disability>HEAR</Disability>
<Disability>VIS</Disability></Disabilities></ChildCharacteristics>
<CINdetails>
<CINreferralDate>2025-05-01</CINreferralDate><ReferralSource>1A</ReferralSource>
<Assessments><AssessmentActualStartDate>2025-05-02</AssessmentActualStartDate>
<FactorsIdentifiedAtAssessment><AssessmentFactors>3A</AssessmentFactors>
<AssessmentFactors>4B</AssessmentFactors></FactorsIdentifiedAtAssessment></Assessments>
<Assessments><AssessmentActualStartDate>2025-07-02</AssessmentActualStartDate>
<FactorsIdentifiedAtAssessment/></Assessments>
<CINPlanDates><CINPlanStartDate>2025-06-01</CINPlanStartDate></CINPlanDates>
<Section47><S47ActualStartDate>2025-05-03</S47ActualStartDate>
<DateOfInitialCPC>2025-05-20</DateOfInitialCPC><ICPCnotRequired>false</ICPCnotRequired></Section47>
<Section47><S47ActualStartDate>2025-08-03</S47ActualStartDate><ICPCnotRequired>1</ICPCnotRequired></Section47>
<DateOfInitialCPC>2025-09-09</DateOfInitialCPC>
<ReferralNFA>0</ReferralNFA>
<ChildProtectionPlans><CPPstartDate>2025-05-20</CPPstartDate>
<Reviews><CPPreviewDate>2025-08-01</CPPreviewDate>
<CPPreviewDate>2026-01-01</CPPreviewDate></Reviews></ChildProtectionPlans>
</CINdetails>
<CINdetails><CINreferralDate>2025-12-01</CINreferralDate><ReferralNFA>1</ReferralNFA></CINdetails>
</Child>
<Child><ChildIdentifiers><LAchildID>B2</LAchildID></ChildIdentifiers>
<ChildCharacteristics><Ethnicity>&#65;OTH</Ethnicity></ChildCharacteristics></Child>
</Children>
</Message>
"""


@dataclass(frozen=True)
class Sent:
    path: Path

    @property
    def name(self) -> str:
        return self.path.name


def read(folder: Path, text: str, year: int = 2025) -> dict[str, pa.Table]:
    path = folder / "cin.xml"
    path.write_text(text, encoding="utf-8")
    return xml_files.read(Sent(path), "cin", FinancialYear(year))


def line(fragment: str, after: str = "") -> int:
    """The line of the first place a fragment is found at, behind another."""
    return CENSUS.count("\n", 0, CENSUS.index(fragment, CENSUS.index(after))) + 1


def rows(table: pa.Table, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in table.select([*columns, "row_number"]).to_pylist()]


def test_every_table_is_flattened_with_its_lines(tmp_path: Path) -> None:
    tables = read(tmp_path, CENSUS)
    assert rows(tables["children"], "LAchildID", "UPN", "Sex", "GenderCurrent", "Ethnicity") == [
        ("A1", None, "F", None, "WBRI", line("<Child>")),
        ("B2", None, None, None, "AOTH", line("<Child>", "</Child>")),
    ]
    assert rows(tables["disabilities"], "LAchildID", "Disability") == [
        ("A1", "HEAR", line("HEAR")),
        ("A1", "VIS", line("VIS")),
    ]
    assert rows(tables["cin_details"], "LAchildID", "CINreferralDate", "DateOfInitialCPC", "ReferralNFA") == [
        ("A1", "2025-05-01", "2025-09-09", "0", line("<CINdetails>")),
        ("A1", "2025-12-01", None, "1", line("<CINdetails>", "</CINdetails>")),
    ]
    assert rows(tables["assessments"], "LAchildID", "CINreferralDate", "AssessmentActualStartDate") == [
        ("A1", "2025-05-01", "2025-05-02", line("<Assessments>")),
        ("A1", "2025-05-01", "2025-07-02", line("<Assessments>", "</Assessments>")),
    ]
    assert rows(
        tables["assessment_factors"], "CINreferralDate", "AssessmentActualStartDate", "AssessmentFactors"
    ) == [("2025-05-01", "2025-05-02", "3A", line(">3A<")), ("2025-05-01", "2025-05-02", "4B", line(">4B<"))]
    assert rows(tables["cin_plans"], "CINPlanStartDate", "CINPlanEndDate") == [
        ("2025-06-01", None, line("<CINPlanDates>"))
    ]
    assert rows(tables["section_47"], "S47ActualStartDate", "DateOfInitialCPC", "ICPCnotRequired") == [
        ("2025-05-03", "2025-05-20", "false", line("<Section47>")),
        ("2025-08-03", None, "1", line("<Section47>", "</Section47>")),
    ]
    assert rows(tables["child_protection_plans"], "LAchildID", "CINreferralDate", "CPPstartDate") == [
        ("A1", "2025-05-01", "2025-05-20", line("<ChildProtectionPlans>"))
    ]
    assert rows(tables["child_protection_reviews"], "CPPstartDate", "CPPreviewDate") == [
        ("2025-05-20", "2025-08-01", line(">2025-08-01<")),
        ("2025-05-20", "2026-01-01", line(">2026-01-01<")),
    ]


def test_every_table_has_the_columns_of_its_layout(tmp_path: Path) -> None:
    tables = read(tmp_path, CENSUS)
    assert set(tables) == {table.name for table in layout("cin").tables_in(FinancialYear(2025))}
    for table in layout("cin").tables_in(FinancialYear(2025)):
        assert tables[table.name].column_names == [*(column.name for column in table.columns), "row_number"]
        assert spreadsheet_column(tables[table.name], table.columns[0].name) is None


def test_gender_is_read_in_the_years_before_sex(tmp_path: Path) -> None:
    text = CENSUS.replace("Sex>", "GenderCurrent>").replace(">F<", ">2<")
    assert rows(read(tmp_path, text, 2023)["children"], "Sex", "GenderCurrent")[0][:2] == (None, "2")
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, text, 2024)
    assert (caught.value.rule, caught.value.where) == ("unexpected_column", "cin.xml, line 6")


PRE_PROCEEDINGS = """<PreProceedingsandFGDM><PPStartDate>2026-06-01</PPStartDate>
<FGDMMeetingOffer>true</FGDMMeetingOffer><FGDMMeetingFac>0</FGDMMeetingFac>
<PPOutcome/></PreProceedingsandFGDM>
<PreProceedingsandFGDM/>
"""


def test_pre_proceedings_are_read_from_the_year_that_collects_them(tmp_path: Path) -> None:
    place = CENSUS.index("</CINdetails>")
    text = CENSUS[:place] + PRE_PROCEEDINGS + CENSUS[place:]
    columns = ("CINreferralDate", "PPStartDate", "FGDMMeetingOffer", "FGDMMeetingFac", "PPOutcome")
    first = line("</CINdetails>")
    assert rows(read(tmp_path, text, 2026)["pre_proceedings"], *columns) == [
        ("2025-05-01", "2026-06-01", "true", "0", None, first),
        ("2025-05-01", None, None, None, None, first + 3),
    ]
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, text, 2025)
    assert caught.value.rule == "unexpected_column"
    assert caught.value.what == "The element PreProceedingsandFGDM is not collected here in this census year"
    assert caught.value.where == f"cin.xml, line {first}"


def test_pre_proceedings_may_be_left_out(tmp_path: Path) -> None:
    assert read(tmp_path, CENSUS, 2026)["pre_proceedings"].num_rows == 0
    assert "pre_proceedings" not in read(tmp_path, CENSUS, 2025)


@pytest.mark.parametrize(
    ("full", "empty", "table"),
    [
        ("<AssessmentFactors>3A</AssessmentFactors>", "<AssessmentFactors/>", "assessment_factors"),
        ("<Disability>VIS</Disability>", "<Disability></Disability>", "disabilities"),
        ("<CPPreviewDate>2025-08-01</CPPreviewDate>", "<CPPreviewDate/>", "child_protection_reviews"),
        ("<ReferralNFA>0</ReferralNFA>", "<ReferralNFA/>", "cin_details"),
        ("<CINPlanStartDate>2025-06-01</CINPlanStartDate>", "", "cin_plans"),
    ],
)
def test_an_empty_element_is_a_row_with_a_blank(tmp_path: Path, full: str, empty: str, table: str) -> None:
    before, after = read(tmp_path, CENSUS)[table], read(tmp_path, CENSUS.replace(full, empty))[table]
    column = full[1 : full.index(">")]
    assert after.num_rows == before.num_rows
    assert after[column].null_count == before[column].null_count + 1


def test_empty_holders_hold_nothing(tmp_path: Path) -> None:
    text = CENSUS
    for name in ("FactorsIdentifiedAtAssessment", "Disabilities", "Reviews"):
        start = text.index(f"<{name}>")
        text = text[:start] + f"<{name}/>" + text[text.index(f"</{name}>") + len(name) + 3 :]
    tables = read(tmp_path, text)
    for table in ("assessment_factors", "disabilities", "child_protection_reviews"):
        assert tables[table].num_rows == 0


def test_an_element_repeated_in_its_record_is_not_lost(tmp_path: Path) -> None:
    text = CENSUS.replace("<Sex>F</Sex>", "<Sex>F</Sex><Sex>M</Sex>")
    assert read(tmp_path, text)["children"]["Sex"].to_pylist()[0] == "F; M"


@pytest.mark.parametrize(
    ("element", "before"),
    [
        ("<CPPreviewDate/>", "<CINPlanStartDate>"),
        ("<Assessments/>", "<LAchildID>B2"),
        ("<CPPstartDate/>", "<CINreferralDate>"),
        ("<Child/>", "<CINPlanStartDate>"),
        ("<Nonsense/>", "<CINPlanStartDate>"),
    ],
)
def test_an_element_in_the_wrong_place_is_refused(tmp_path: Path, element: str, before: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, CENSUS.replace(before, element + before))
    assert (caught.value.rule, caught.value.where) == ("unexpected_column", f"cin.xml, line {line(before)}")


def test_lines_are_counted_beyond_those_of_a_small_file(tmp_path: Path) -> None:
    start, end = CENSUS.index("<Child>"), CENSUS.index("</Children>")
    tables = read(tmp_path, CENSUS[:start] + CENSUS[start:end] * 5000 + CENSUS[end:])
    lines = tables["children"]["row_number"].to_pylist()
    assert len(lines) == 10_000
    length = CENSUS.count("\n", start, end)
    first, second = line("<Child>"), line("<Child>", "</Child>")
    assert lines == [start + length * copy for copy in range(5000) for start in (first, second)]


def test_an_outside_entity_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Quibblesworth", encoding="utf-8")
    text = CENSUS.replace(
        "<Message>", f'<!DOCTYPE Message [<!ENTITY e SYSTEM "{secret}">]><Message>'
    ).replace(">WBRI<", ">&e;<")
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, text)
    assert caught.value.rule == "document_type"


def test_entities_that_swell_are_refused_before_they_do(tmp_path: Path) -> None:
    entities = '<!ENTITY e0 "ha">' + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20}">' for n in range(1, 12))
    text = CENSUS.replace("<Message>", f"<!DOCTYPE Message [{entities}]><Message>").replace("WBRI", "&e11;")
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, text)
    assert caught.value.rule == "document_type"


@pytest.mark.parametrize(
    "fragment",
    [
        "<child><ChildIdentifiers/></child>",
        "<Pupil><LAchildID>C3</LAchildID></Pupil>",
        '<Child xmlns="urn:other"><ChildIdentifiers/></Child>',
        "<CINdetails><CINreferralDate>2025-05-01</CINreferralDate></CINdetails>",
    ],
)
@pytest.mark.parametrize("place", ["<Children>", "</Child>", "</Children>"])
def test_a_record_written_in_another_way_is_not_passed_over(
    tmp_path: Path, fragment: str, place: str
) -> None:
    """Before, between or after the others: half a census must not be taken for a whole one."""
    spoilt = fragment + place if place == "</Children>" else place + fragment
    with pytest.raises(Unreadable) as raised:
        read(tmp_path, CENSUS.replace(place, spoilt, 1))
    assert raised.value.rule == "unexpected_column"
