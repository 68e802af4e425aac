"""What bad input gets: a rejected receipt that says what, where and what to do, and gives no value away."""

import datetime as dt
import errno
import io
import os
import stat
import zipfile
from pathlib import Path

import pytest
from small_extracts import (
    CANARY,
    Inbox,
    children_in_need,
    client_level_data,
    columns_of,
    commentary,
    csv_text,
    establishment,
    looked_after,
    zipped,
)

from scrutiny import datasets, landing
from scrutiny.feeds import Arrival, Feed
from scrutiny.landing import Receipt, archives, receiving, store
from scrutiny.periods import Month

HEADER = looked_after()["header.csv"]
EPISODES = looked_after()["episodes.csv"]
EPISODE_COLUMNS = columns_of("ssda903", "episodes", "2025-26")
AD1_COLUMNS = ",".join(columns_of("ssda903", "ad1"))


def processed(inbox: Inbox, dataset: str, month: str = "2025-07") -> Receipt:
    """What becomes of the one delivery once it has been received and, if it was, read."""
    receipt = inbox.receive_one(dataset, month)
    if receipt.outcome == "received":
        try:
            datasets.read(receipt)
        except datasets.Unreadable as unreadable:
            reason = landing.reason_of(unreadable)
            return landing.save(receipt.model_copy(update={"outcome": "rejected", "reason": reason}))
    return receipt


def assert_rejected(receipt: Receipt, rule: str, where: str) -> None:
    assert receipt.outcome == "rejected"
    assert receipt.reason is not None
    assert (receipt.reason.rule, receipt.reason.where) == (rule, where)
    assert receipt.reason.what
    assert receipt.reason.action.endswith(".")
    (written,) = landing.receipts()
    assert written == receipt
    assert CANARY not in written.model_dump_json()


def without(text: str, column: int) -> str:
    """A CSV text without one of its columns."""
    return "\r\n".join(
        ",".join(cell for index, cell in enumerate(line.split(",")) if index != column)
        for line in text.splitlines()
    )


@pytest.mark.parametrize(
    ("files", "rule", "where"),
    [
        ({"notes.docx": "Dear all"}, "unknown_file", "notes.docx"),
        ({"notes.csv": f"{CANARY}\r\n{CANARY}"}, "unknown_table", "notes.csv, row 1"),
        ({"episodes.csv": without(EPISODES, 1)}, "missing_column", "episodes.csv, row 1"),
        (
            {"episodes.csv": EPISODES.replace("URN", f"URN,{CANARY}", 1)},
            "unexpected_column",
            "episodes.csv, row 1, column N",
        ),
        (
            {"episodes.csv": EPISODES.replace("DECOM", "CHILD", 1)},
            "duplicate_column",
            "episodes.csv, row 1, column B",
        ),
        ({"episodes.csv": ""}, "empty_file", "episodes.csv"),
        ({"episodes.csv": "\r\n \r\n"}, "empty_file", "episodes.csv"),
        ({"episodes.csv": "\r\n" + EPISODES}, "blank_first_row", "episodes.csv, row 1"),
        ({"episodes.csv": EPISODES.splitlines()[0] + "\r\n"}, "no_rows", "episodes.csv"),
        ({"episodes.csv": EPISODES.splitlines()[0] + "\r\n,,\r\n\r\n"}, "ragged_row", "episodes.csv, row 2"),
        ({"episodes.csv": EPISODES + f"{CANARY},1,2\r\n"}, "ragged_row", "episodes.csv, row 4"),
        ({"episodes.csv": EPISODES[:-20]}, "ragged_row", "episodes.csv, row 3"),
        ({"episodes.csv": EPISODES + f'"{CANARY},1,2\r\n'}, "broken_quotes", "episodes.csv, row 4"),
        ({"episodes.csv": EPISODES + f'"{CANARY}"x' + "," * 12}, "broken_quotes", "episodes.csv, row 4"),
        ({"episodes.csv": EPISODES.encode() + b"\0"}, "nul_bytes", "episodes.csv"),
        ({"episodes.csv": EPISODES.encode("utf-16")[:-1]}, "wrong_encoding", "episodes.csv"),
        ({"episodes.csv": EPISODES.encode() + "é".encode()[:1]}, "wrong_encoding", "episodes.csv"),
        ({"episodes.csv": EPISODES.encode() + b"\x81\x8d\x8f\x90"}, "wrong_encoding", "episodes.csv"),
        ({"more_episodes.csv": EPISODES}, "table_twice", "episodes.csv and more_episodes.csv"),
    ],
)
def test_a_file_of_children_looked_after_that_cannot_be_used(
    inbox: Inbox, files: dict[str, str | bytes], rule: str, where: str
) -> None:
    inbox.drop_all("ssda903/2025-07/ssda903_2025-26", looked_after() | files)
    assert_rejected(processed(inbox, "ssda903"), rule, where)


@pytest.mark.parametrize(
    ("folder", "files", "rule"),
    [
        ("ssda903_2026-27", looked_after(), "wrong_year"),
        ("ssda903_2021-22", looked_after("2021-22") | {"s.csv": "CHILD,DOB,SW_ID,SW_DECOM,SW_DEC,SW_REASON"},
         "wrong_year"),
        ("ssda903", looked_after(), "unknown_year"),
        ("ssda903_2024-25_2025-26", looked_after(), "unknown_year"),
        ("ssda903_2025-26", {"header.csv": HEADER}, "missing_table"),
    ],
)  # fmt: skip
def test_a_return_of_children_looked_after_that_cannot_be_used(
    inbox: Inbox, folder: str, files: dict[str, str | bytes], rule: str
) -> None:
    inbox.drop_all(f"ssda903/2025-07/{folder}", files)
    receipt = processed(inbox, "ssda903")
    assert_rejected(receipt, rule, "s.csv" if "s.csv" in files else folder)


def test_a_small_authority_may_send_a_table_without_rows(inbox: Inbox) -> None:
    inbox.drop_all("ssda903/2025-07/ssda903_2025-26", looked_after() | {"ad1.csv": AD1_COLUMNS})
    tables = datasets.read(inbox.receive_one("ssda903"))
    assert (tables["ad1"].num_rows, tables["episodes"].num_rows) == (0, 2)


@pytest.mark.parametrize(
    ("name", "content", "rule", "where"),
    [
        ("cin_census_2025-26.csv", children_in_need(), "unknown_file", "cin_census_2025-26.csv"),
        ("cin_census_2025-26.xml", "", "empty_file", "cin_census_2025-26.xml"),
        ("cin_census_2025-26.xml", "<Export/>", "unknown_file", "cin_census_2025-26.xml"),
        ("cin_census_2025-26.xml", "not XML", "broken_xml", "cin_census_2025-26.xml, line 1"),
        (
            "cin_census_2025-26.xml",
            children_in_need()[: children_in_need().index("<ReferralNFA>") + 9],
            "broken_xml",
            "cin_census_2025-26.xml, line 13",
        ),
        (
            "cin_census_2025-26.xml",
            children_in_need().encode("cp1252").replace(CANARY.encode(), b"Z\xf6e"),
            "broken_xml",
            "cin_census_2025-26.xml, line 11",
        ),
        ("cin_census_2024-25.xml", children_in_need(), "wrong_year", "cin_census_2024-25.xml, Header"),
        ("cin.xml", children_in_need("2027", "2027-03-31"), "wrong_year", "cin.xml, Header"),
        ("cin.xml", children_in_need(CANARY), "wrong_year", "cin.xml, Header"),
        ("cin.xml", children_in_need(reference="2025-03-31"), "wrong_reference_date", "cin.xml, Header"),
        ("cin.xml", children_in_need(authority="998"), "wrong_authority", "cin.xml, Header"),
        ("cin.xml", children_in_need(collection="CSWW"), "wrong_collection", "cin.xml, Header"),
        ("cin.xml", children_in_need().replace("Header>", "Head>"), "missing_column", "cin.xml"),
        (
            "cin.xml",
            children_in_need().replace("<Sex>F</Sex>", "<GenderCurrent>2</GenderCurrent>"),
            "unexpected_column",
            "cin.xml, line 11",
        ),
        (
            "cin.xml",
            children_in_need().replace("<Sex>", f"<{CANARY}/><Sex>"),
            "unexpected_column",
            "cin.xml, line 11",
        ),
        (
            "cin.xml",
            children_in_need().replace("<Message>", '<!DOCTYPE Message [<!ENTITY e "x">]><Message>'),
            "document_type",
            "cin.xml",
        ),
        (
            "cin.xml",
            children_in_need().replace("<Message>", '<!DOCTYPE Message SYSTEM "http://x/">\n<Message>'),
            "document_type",
            "cin.xml",
        ),
        ("cin.xml", children_in_need().replace("Child>", "Person>"), "no_rows", "cin.xml"),
    ],
)
def test_a_census_that_cannot_be_used(
    inbox: Inbox, name: str, content: str | bytes, rule: str, where: str
) -> None:
    inbox.drop(f"cin/2025-07/{name}", content)
    assert_rejected(processed(inbox, "cin"), rule, where)


@pytest.mark.parametrize(
    ("content", "rule", "where"),
    [
        (client_level_data(**{"LA Code": "998"}), "wrong_authority", "cld.csv, column A"),
        (client_level_data(dt.date(2025, 8, 31)), "wrong_year", "cld.csv, columns B and C"),
        (client_level_data(dt.date(2025, 7, 30)), "wrong_period", "cld.csv, columns B and C"),
        (
            client_level_data(**{"Reporting Period Start Date": "2024-08-01"}),
            "wrong_period",
            "cld.csv, columns B and C",
        ),
        (
            client_level_data(**{"Reporting Period Start Date": "01/04/2025"}),
            "wrong_period",
            "cld.csv, columns B and C",
        ),
        (
            client_level_data()
            + client_level_data(dt.date(2025, 6, 30)).partition("\r\n")[2],
            "period_not_constant",
            "cld.csv, columns B and C",
        ),
        (
            client_level_data().replace("NHS Number,LA Person", "LA Person", 1).replace(
                "Unique Identifier", "Unique Identifier,NHS Number", 1
            ),
            "column_order",
            "cld.csv, row 1, column D",
        ),
        (client_level_data().partition("\r\n")[0], "no_rows", "cld.csv"),
    ],
)  # fmt: skip
def test_client_level_data_that_cannot_be_used(inbox: Inbox, content: str, rule: str, where: str) -> None:
    inbox.drop("cld/2025-07/cld.csv", content)
    assert_rejected(processed(inbox, "cld"), rule, where)


@pytest.mark.parametrize(
    ("dataset", "content", "rule", "where"),
    [
        ("establishment", establishment("2025-08"), "wrong_year", "x.csv, column A"),
        ("establishment", establishment("July"), "wrong_period", "x.csv, column A"),
        ("establishment", establishment(""), "wrong_period", "x.csv, column A"),
        ("establishment", establishment("2025-05", "2025-07"), "missing_month", "x.csv, column A"),
        ("establishment", establishment("2025-07", "2024-11"), "missing_month", "x.csv, column A"),
        ("commentary", commentary("2025-26-Q3"), "wrong_year", "x.csv, column B"),
        ("commentary", commentary("2025-26-Q1", "2025-26-Q2"), "period_not_constant", "x.csv, column B"),
        ("commentary", commentary("summer"), "wrong_period", "x.csv, column B"),
        ("commentary", commentary(), "no_rows", "x.csv"),
    ],
)
def test_local_extracts_that_cannot_be_used(
    inbox: Inbox, dataset: str, content: str, rule: str, where: str
) -> None:
    inbox.drop(f"{dataset}/2025-07/x.csv", content)
    assert_rejected(processed(inbox, dataset), rule, where)


def zip_with(name: str, change: str) -> bytes:
    """A zip archive whose one member is a link or encrypted, or comes under the given name."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        member = zipfile.ZipInfo(name)
        if change == "link":
            member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, EPISODES)
        if change == "encrypted":
            member.flag_bits |= 1
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"PK not really", "archive_broken"),
        (zipped(looked_after())[:-30], "archive_broken"),
        (zipped(looked_after(), zipfile.ZIP_STORED).replace(b"RNE", b"RNF"), "archive_broken"),
        (zip_with("../../episodes.csv", ""), "archive_name"),
        (zip_with("/etc/episodes.csv", ""), "archive_name"),
        (zip_with("C:\\episodes.csv", ""), "archive_name"),
        (zip_with("a\\..\\..\\episodes.csv", ""), "archive_name"),
        (zip_with("a\nb.csv", ""), "archive_name"),
        (zip_with("episodes.csv", "link"), "archive_name"),
        (zip_with("episodes.csv", "encrypted"), "archive_encrypted"),
        (zipped({"episodes.csv": EPISODES, "Episodes.csv": EPISODES}), "archive_name"),
        (zipped({"inner.zip": zipped(looked_after())}), "archive_nested"),
        (zipped({"episodes.csv": zipped(looked_after())}), "archive_nested"),
        (zipped({"a/b/c/d/e.csv": EPISODES}), "archive_too_big"),
        (zipped({f"{number}.csv": "" for number in range(101)}), "archive_too_big"),
        (zipped({"episodes.csv": b"0" * 10_000_000}), "archive_too_big"),
        (zipped({}), "no_files"),
    ],
    # not by its bytes, which hold the time it was made at
    ids=lambda value: value if isinstance(value, str) else "archive",
)
def test_an_archive_that_cannot_be_used(inbox: Inbox, content: bytes, rule: str) -> None:
    inbox.drop("ssda903/2025-07/ssda903_2025-26.zip", content)
    before = {path for path in inbox.path.parent.parent.rglob("*") if "landing" not in path.parts}
    assert_rejected(processed(inbox, "ssda903"), rule, "ssda903_2025-26.zip")
    assert before == {path for path in inbox.path.parent.parent.rglob("*") if "landing" not in path.parts}


def test_the_other_deliveries_are_received_all_the_same(inbox: Inbox) -> None:
    inbox.drop("cin/2025-07/cin_census_2025-26.xml", children_in_need()[:700])
    inbox.drop("cin/2025-07/cin_census_2024-25.xml", children_in_need("2025", "2025-03-31"))
    inbox.drop("cin/2025-07/readme.txt", "Hello")
    assert [receipt.outcome for receipt in inbox.receive("cin")] == ["received", "received", "rejected"]


def test_a_link_in_the_inbox_is_not_followed(inbox: Inbox) -> None:
    secret = inbox.path.parent / "secret.csv"
    inbox.drop("cld/2025-07/other/.keep", "")
    secret.write_text(client_level_data(), encoding="utf-8")
    (inbox.path / "999/cld/2025-07/cld.csv").symlink_to(secret)
    assert_rejected(inbox.receive_one("cld"), "not_a_file", "cld.csv")


@pytest.mark.parametrize("step", ["fingerprint", "keep", "unpack"])
@pytest.mark.parametrize("name", ["cld.csv", "cld.zip"])
def test_a_file_that_vanishes_while_it_is_taken_in_is_a_reason_and_the_next_is_landed(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, step: str, name: str
) -> None:
    text = client_level_data()
    vanishing = inbox.drop(f"cld/2025-07/{name}", zipped({"a.csv": text}) if name.endswith("zip") else text)
    inbox.drop("cld/2025-07/other.csv", client_level_data(Gender="Female"))
    module = archives if step == "unpack" else store
    function = getattr(module, step)

    def removed_first(*arguments: object, **options: object) -> object:
        vanishing.unlink(missing_ok=True)
        return function(*arguments, **options)

    monkeypatch.setattr(module, step, removed_first)
    found = {receipt.name_as_sent: receipt for receipt in inbox.receive("cld")}
    assert found["other.csv"].outcome == "received"
    never_called = step == "unpack" and name == "cld.csv"
    already_open = step == "keep"
    if never_called or already_open:
        assert found[name].outcome == "received"
    else:
        assert found[name].reason is not None
        assert (found[name].reason.rule, found[name].reason.where) == ("gone", name)


def test_a_delivery_whose_only_file_vanished_before_it_was_looked_at(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = inbox.drop("cld/2025-07/cld.csv", client_level_data())
    look = receiving.arrivals

    def then_gone(feed: Feed, month: Month) -> list[Arrival]:
        found = look(feed, month)
        path.unlink()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(receiving, "arrivals", then_gone)
        assert_rejected(inbox.receive_one("cld"), "gone", "cld.csv")
    inbox.drop("cld/2025-07/cld.csv", client_level_data())
    assert inbox.receive_one("cld").outcome == "received", "back again, it is a delivery like any other"


def test_a_full_disk_is_no_fault_of_the_sender(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox.drop("cld/2025-07/cld.csv", client_level_data())

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        inbox.receive("cld")
    assert landing.receipts() == []


def test_a_folder_that_may_not_be_read_rejects_its_delivery(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.drop_all("ssda903/2025-07/ssda903_2025-26", looked_after())
    forbidden, scandir = inbox.path / "999/ssda903/2025-07/ssda903_2025-26", os.scandir

    def guarded(path: str | Path) -> object:
        if Path(path) == forbidden:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", guarded)
        assert_rejected(inbox.receive_one("ssda903"), "not_readable", "ssda903_2025-26")
        assert inbox.receive("ssda903") == []
    assert inbox.receive_one("ssda903").outcome == "received"


def test_folders_too_deep_in_each_other_reject_their_delivery(inbox: Inbox) -> None:
    inbox.drop("ssda903/2025-07/" + "d/" * 30 + "header.csv", HEADER)
    receipt = inbox.receive_one("ssda903")
    assert receipt.outcome == "rejected"
    assert receipt.reason is not None
    assert receipt.reason.rule == "too_deep"


def test_a_file_with_a_name_that_is_no_text_is_received(inbox: Inbox) -> None:
    folder = inbox.drop("cld/2025-07/.keep", "").parent
    (folder / "cl\udce9.csv").write_text("?", encoding="utf-8")
    assert inbox.receive_one("cld").name_as_sent == "cl\\udce9.csv"


def test_a_whole_delivery_with_a_spare_text_column_name_keeps_its_values_to_itself(inbox: Inbox) -> None:
    headerless = csv_text([CANARY] * len(EPISODE_COLUMNS), [])
    inbox.drop_all("ssda903/2025-07/ssda903_2025-26", {"header.csv": HEADER, "episodes.csv": headerless})
    receipt = processed(inbox, "ssda903")
    assert receipt.outcome == "rejected"
    assert CANARY not in receipt.model_dump_json()
