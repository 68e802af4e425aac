"""Deliveries are stored once, receipted once, and a run that was killed is simply run again."""

import datetime as dt
import hashlib
import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from small_extracts import (
    Inbox,
    children_in_need,
    client_level_data,
    columns_of,
    commentary,
    csv_text,
    establishment,
    feed_of,
    looked_after,
    zipped,
)

from scrutiny import datasets
from scrutiny.feeds import feeds
from scrutiny.landing import Receipt, receipts, receive, save, store
from scrutiny.periods import Month
from scrutiny.settings import settings


def state() -> dict[str, str]:
    """Everything in the landing store but when it was received: path to content."""
    files = {}
    for path in sorted(settings().landing.rglob("*")):
        if path.is_file() and path.name != "lock":
            content = path.read_bytes()
            if path.suffix == ".json":
                content = json.dumps({**json.loads(content), "received_at": None}).encode()
            files[path.relative_to(settings().landing).as_posix()] = hashlib.sha256(content).hexdigest()
    return files


def drop_everything(inbox: Inbox) -> None:
    inbox.drop("ssda903/2025-07/a/ssda903_2024-25.zip", zipped(looked_after("2024-25")))
    inbox.drop_all("ssda903/2025-07/ssda903_2025-26", looked_after())
    inbox.drop_all("ssda903/2025-08/ssda903_2025-26", looked_after())
    inbox.drop("ssda903/2025-08/notes.txt", "?")


@pytest.mark.parametrize(
    ("dataset", "name", "content", "year", "version", "start", "end"),
    [
        (
            "cin",
            "cin_census_2025-26.xml",
            children_in_need(),
            "2025-26",
            "cin-2026",
            "2025-04-01",
            "2026-03-31",
        ),
        ("cld", "cld_2025-07-31.csv", client_level_data(), "2025-26", "cld-R2", "2024-08-01", "2025-07-31"),
        (
            "cld",
            "cld_2024-02-29.csv",
            client_level_data(dt.date(2024, 2, 29)),
            "2023-24",
            "cld-R1",
            "2023-03-01",
            "2024-02-29",
        ),
        (
            "establishment",
            "establishment_2025-07.csv",
            establishment(),
            "2025-26",
            "establishment-1",
            "2025-07-01",
            "2025-07-31",
        ),
        (
            "commentary",
            "commentary_2025-26-Q1.csv",
            commentary("2025-26-Q1", "2025-26-Q1"),
            "2025-26",
            "commentary-1",
            "2025-04-01",
            "2025-06-30",
        ),
    ],
)
def test_a_receipt_says_what_a_delivery_covers(
    inbox: Inbox, dataset: str, name: str, content: str, year: str, version: str, start: str, end: str
) -> None:
    inbox.drop(f"{dataset}/2025-07/{name}", content)
    receipt = inbox.receive_one(dataset)
    assert (receipt.outcome, receipt.reason, receipt.name_as_sent) == ("received", None, name)
    assert (receipt.collection_year, receipt.schema_version) == (year, version)
    assert (str(receipt.period_start), str(receipt.period_end)) == (start, end)
    assert receipt.delivery_id.startswith(f"999-{dataset}-2025-07-")
    assert receipts() == [receipt]


def test_the_workforce_census_runs_to_30_september(inbox: Inbox) -> None:
    inbox.drop(
        "csww/2025-09/csww_2025.xml",
        "<Message><Header><CollectionDetails><Collection>CSWW</Collection><Year>2025</Year>"
        "<ReferenceDate>2025-09-30</ReferenceDate></CollectionDetails><Source><LEA>999</LEA></Source></Header>"
        "<LALevelVacancies><NumberOfVacancies>1.5</NumberOfVacancies></LALevelVacancies>"
        "<CSWWWorker><SWENo>SW1</SWENo><QualInst>A</QualInst><QualInst>B</QualInst></CSWWWorker></Message>",
    )
    receipt = inbox.receive_one("csww", "2025-09")
    assert (receipt.outcome, receipt.collection_year) == ("received", "2025-26")
    assert (str(receipt.period_start), str(receipt.period_end)) == ("2024-10-01", "2025-09-30")
    tables = datasets.read(receipt)
    assert tables["vacancies"]["NumberOfVacancies"].to_pylist() == ["1.5"]
    assert tables["workers"]["QualInst"].to_pylist() == ["A; B"]


def test_bytes_are_kept_as_received_and_read_only(inbox: Inbox) -> None:
    sent = inbox.drop("cld/2025-07/cld.csv", client_level_data())
    (file,) = inbox.receive_one("cld").files
    assert file.path.read_bytes() == sent.read_bytes()
    assert file.sha256 == hashlib.sha256(sent.read_bytes()).hexdigest()
    assert file.size_bytes == sent.stat().st_size
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o444


def test_loose_files_of_several_years_make_a_delivery_each(inbox: Inbox) -> None:
    for year in ("2017-18", "2018-19"):
        for name, text in looked_after(year).items():
            inbox.drop(f"ssda903/2025-07/{year[:4]}-{name}", text.replace("WBRI", f"{year}"))
    found = inbox.receive("ssda903")
    assert [(r.outcome, r.collection_year, r.sequence, r.name_as_sent) for r in found] == [
        ("received", "2017-18", 1, "2017-*.csv"),
        ("received", "2018-19", 2, "2018-*.csv"),
    ]
    assert [file.name for file in found[0].files] == ["2017-episodes.csv", "2017-header.csv"]


def test_an_archive_is_a_delivery_of_its_files(inbox: Inbox) -> None:
    files = {f"export/{name}": text for name, text in looked_after().items()}
    inbox.drop(
        "ssda903/2025-07/ssda903_2025-26.zip", zipped(files | {"__MACOSX/export/._a": b"", ".x": b"?"})
    )
    receipt = inbox.receive_one("ssda903")
    assert receipt.outcome == "received"
    assert receipt.archive is not None
    assert [file.name for file in receipt.files] == sorted(files)
    assert set(datasets.read(receipt)) == {"header", "episodes"}
    assert inbox.receive("ssda903") == []


def test_nothing_happens_when_nothing_new_arrived(inbox: Inbox) -> None:
    drop_everything(inbox)
    assert len(inbox.receive("ssda903", "2025-08")) == 4
    before = state()
    assert inbox.receive("ssda903", "2025-08") == []
    assert state() == before


def test_only_arrivals_up_to_the_load_month_are_received(inbox: Inbox) -> None:
    drop_everything(inbox)
    assert {receipt.load_month for receipt in inbox.receive("ssda903", "2025-07")} == {"2025-07"}
    assert {receipt.load_month for receipt in inbox.receive("ssda903", "2025-08")} == {"2025-08"}


def test_the_same_bytes_for_a_closed_period_are_a_duplicate(inbox: Inbox) -> None:
    inbox.drop_all("ssda903/2025-07/ssda903_2024-25", looked_after("2024-25"))
    inbox.drop("ssda903/2025-08/ssda903_2024-25.zip", zipped(looked_after("2024-25")))
    first, again = inbox.receive("ssda903", "2025-08")
    assert (first.outcome, again.outcome, again.duplicate_of) == ("received", "duplicate", first.delivery_id)
    assert (again.sequence, again.period_end) == (2, first.period_end)


def targets() -> str:
    return csv_text(columns_of("targets", "targets"), [{"Indicator": "LV02"}])


@pytest.mark.parametrize(
    ("dataset", "name", "content"),
    [("targets", "targets.csv", targets()), ("ssda903", "ssda903_2025-26.zip", zipped(looked_after()))],
    ids=["targets", "ssda903"],
)
def test_a_month_in_which_nothing_changed_has_a_delivery_of_its_own(
    inbox: Inbox, dataset: str, name: str, content: str | bytes
) -> None:
    """What is known at the end of the load month, and a return for a year that is not over."""
    inbox.drop(f"{dataset}/2025-07/{name}", content)
    inbox.drop(f"{dataset}/2025-08/{name}", content)
    july, august = inbox.receive(dataset, "2025-08")
    assert (july.outcome, august.outcome) == ("received", "received")
    assert (str(july.as_at_date), str(august.as_at_date)) == ("2025-07-31", "2025-08-31")
    inbox.drop(f"{dataset}/2025-08/again_{name}", content)
    again = inbox.receive_one(dataset, "2025-08")
    assert (again.outcome, again.duplicate_of) == ("duplicate", august.delivery_id)


@pytest.mark.parametrize("months", [("2025-07",) * 4, ("2025-07", "2025-07", "2025-08", "2025-09")])
def test_what_was_superseded_is_in_force_when_it_is_sent_again(
    inbox: Inbox, months: tuple[str, str, str, str]
) -> None:
    sent = [client_level_data(), client_level_data(Gender="Female"), client_level_data(), client_level_data()]
    for number, (month, content) in enumerate(zip(months, sent, strict=True)):
        inbox.drop(f"cld/{month}/{number}.csv", content)
    first, corrected, again, repeated = inbox.receive("cld", "2025-09")
    assert [r.outcome for r in (first, corrected, again)] == ["received"] * 3
    assert (repeated.outcome, repeated.duplicate_of) == ("duplicate", again.delivery_id)


def test_what_was_superseded_can_be_put_back_in_its_place(inbox: Inbox) -> None:
    """Whoever fetches files overwrites them under one name."""
    received = []
    for gender in ("Male", "Female", "Male", "Female", "Male"):
        inbox.drop("cld/2025-07/cld.csv", client_level_data(Gender=gender))
        received.append(inbox.receive_one("cld"))
        assert inbox.receive("cld") == []
    assert [receipt.outcome for receipt in received] == ["received"] * 5
    assert len({receipt.delivery_id for receipt in received}) == 5


def test_a_file_that_was_away_for_a_while_is_known_when_it_is_back(inbox: Inbox) -> None:
    path = inbox.drop("cld/2025-07/cld.csv", client_level_data())
    assert inbox.receive_one("cld").outcome == "received"
    for _ in range(2):
        content = path.read_bytes()
        path.unlink()
        path.symlink_to("elsewhere")
        assert [receipt.outcome for receipt in inbox.receive("cld")] in (["rejected"], [])
        path.unlink()
        path.write_bytes(content)
        assert inbox.receive("cld") == []
    assert len(receipts()) == 2


def test_what_a_new_system_sent_before_it_counted_can_be_sent_again(inbox: Inbox) -> None:
    """A closed year, sent while both systems ran, again in the month of the cut-over, and once more."""
    feed = next(feed for feed in feeds() if feed.dataset == "cin" and feed.counts_from == "2025-09")
    for month in ("2025-08", "2025-09", "2025-10"):
        path = inbox.path / feed.location / month / "cin.xml"
        path.parent.mkdir(parents=True)
        path.write_text(children_in_need("2025", "2025-03-31"), encoding="utf-8")
    on_trial, counted, repeated = receive(feed, Month(2025, 10))
    assert (on_trial.outcome, counted.outcome) == ("received", "received")
    assert repeated.duplicate_of == counted.delivery_id


def test_what_was_sent_before_its_identifiers_were_declared_can_be_sent_again(inbox: Inbox) -> None:
    """Pseudonyms would be others."""
    feed = feed_of("cld")
    inbox.drop("cld/2025-07/cld.csv", client_level_data())
    assert inbox.receive_one("cld").identifiers_of == {}
    inbox.drop("cld/2025-07/cld_again.csv", client_level_data())
    [again] = receive(replace(feed, identifiers_of={"person": "new"}), Month(2025, 7))
    assert (again.outcome, again.identifiers_of) == ("received", {"person": "new"})


def test_a_month_within_a_list_of_several_can_be_superseded(inbox: Inbox) -> None:
    """June is corrected alone, then the list of June and July is sent again."""
    both = establishment("2025-06") + establishment("2025-07").split("\r\n", 1)[1]
    for number, content in enumerate([both, establishment("2025-06"), both, establishment("2025-07"), both]):
        inbox.drop(f"establishment/2025-07/{number}.csv", content)
    assert [receipt.outcome for receipt in inbox.receive("establishment")] == ["received"] * 5


def test_a_return_under_a_wrong_name_is_put_right_by_renaming_it(inbox: Inbox) -> None:
    inbox.drop_all("ssda903/2025-07/ssda903_2017-18", looked_after("2018-19"))
    wrong = inbox.receive_one("ssda903")
    folder = inbox.path / "999" / "ssda903" / "2025-07"
    (folder / "ssda903_2017-18").rename(folder / "ssda903_2018-19")
    right = inbox.receive_one("ssda903")
    assert (wrong.outcome, wrong.collection_year) == ("received", "2017-18")
    assert (right.outcome, right.collection_year) == ("received", "2018-19")


def test_files_of_one_delivery_that_are_only_renamed_are_looked_at_again(inbox: Inbox) -> None:
    """Names can say which table a file is."""
    inbox.drop_all("ssda903/2025-07/ssda903_2025-26", looked_after())
    inbox.drop_all(
        "ssda903/2025-07/ssda903_2025-26_named",
        {f"list {number}.csv": text for number, text in enumerate(looked_after().values())},
    )
    assert [receipt.outcome for receipt in inbox.receive("ssda903")] == ["received", "received"]


def test_other_bytes_at_the_same_place_are_a_new_delivery(inbox: Inbox) -> None:
    inbox.drop("cld/2025-07/cld.csv", client_level_data())
    first = inbox.receive_one("cld")
    inbox.drop("cld/2025-07/cld.csv", client_level_data(Gender="Female"))
    second = inbox.receive_one("cld")
    assert (second.outcome, second.sequence) == ("received", 2)
    assert first.delivery_id != second.delivery_id


def test_what_was_rejected_is_looked_at_again_when_sent_again(inbox: Inbox) -> None:
    inbox.drop_all("ssda903/2025-07/no year", looked_after())
    inbox.drop_all("ssda903/2025-07/ssda903_2025-26", looked_after())
    assert [receipt.outcome for receipt in inbox.receive("ssda903")] == ["rejected", "received"]


def test_a_receipt_survives_writing_and_reading(inbox: Inbox) -> None:
    inbox.drop("cld/2025-07/cld.csv", client_level_data())
    receipt = inbox.receive_one("cld")
    counts = {"events": {"received": 2, "staged": 1, "set_aside": 1, "queried": 0}}
    accepted = save(Receipt.model_validate({**receipt.model_dump(), "outcome": "accepted", "tables": counts}))
    assert receipts("999", "cld") == [accepted]
    assert receipts(dataset="cin") == []
    written = (settings().landing / "receipts" / f"{receipt.delivery_id}.json").read_text(encoding="utf-8")
    assert list(json.loads(written)) == sorted(json.loads(written))


class Killed(BaseException):
    """What a kill does to a process, as far as the process can tell."""


def killed_at(call: int, function: Callable[..., object]) -> Callable[..., object]:
    """The function, but its nth call is the last thing the process does: even numbers die after the work."""
    calls = 0

    def wrapper(*arguments: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == (call + 1) // 2:
            if call % 2 == 0:
                function(*arguments, **options)
            raise Killed
        return function(*arguments, **options)

    return wrapper


@pytest.mark.parametrize(
    ("killed", "step"),
    [
        *(("replace", step) for step in range(1, 15)),
        *(("chmod", step) for step in range(1, 7)),
        *(("write_text", step) for step in range(1, 9)),
    ],
)
def test_a_killed_run_is_made_good_by_the_next(
    home: Path, monkeypatch: pytest.MonkeyPatch, killed: str, step: int
) -> None:
    inbox = Inbox(home)
    drop_everything(inbox)
    inbox.receive("ssda903", "2025-08")
    undisturbed = state()
    settings().landing.rename(home / "undisturbed")

    with monkeypatch.context() as patch:
        patch.setattr(Path, killed, killed_at(step, getattr(Path, killed)))
        with pytest.raises(Killed):
            inbox.receive("ssda903", "2025-08")
    inbox.receive("ssda903", "2025-08")
    assert state() == undisturbed


def test_a_file_that_is_stored_already_is_not_written_again(home: Path) -> None:
    source = home / "file"
    source.parent.mkdir()
    source.write_bytes(b"the same")
    with source.open("rb") as content:
        first = store.keep(content, "a")
    before = first.path.stat()
    with source.open("rb") as content:
        second = store.keep(content, "b")
    assert (second.sha256, second.size_bytes, second.name) == (first.sha256, 8, "b")
    assert first.path.stat().st_mtime_ns == before.st_mtime_ns
    assert [path.name for path in (settings().landing / "files").rglob("*") if path.is_file()] == [
        first.sha256
    ]


def test_a_rejected_file_that_is_only_renamed_is_taken_up_again(inbox: Inbox) -> None:
    table = looked_after()["header.csv"]
    files = {"episodes.csv": looked_after()["episodes.csv"], "header.dat": table}
    inbox.drop_all("ssda903/2025-07/ssda903_2025-26", files)
    assert inbox.receive_one("ssda903").outcome == "rejected"
    wrong = inbox.path / "999" / "ssda903" / "2025-07" / "ssda903_2025-26" / "header.dat"
    wrong.rename(wrong.with_suffix(".csv"))
    assert inbox.receive_one("ssda903").outcome == "received"
