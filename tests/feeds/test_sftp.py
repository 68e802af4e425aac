"""Extracts from a real SFTP server."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from feed_servers import Connect, SftpServer, feed_of, free_port

from scrutiny.declarations import FeedError
from scrutiny.feeds import arrivals
from scrutiny.feeds.fetching import fetch
from scrutiny.periods import Month

JULY = Month(2025, 7)
FEED = feed_of("ssda903", kind="sftp", connection="case_sftp", path="/outgoing/{yyyy}-{mm}/ssda903/")


@pytest.fixture(autouse=True)
def connection(connect: Connect, sftp_server: SftpServer) -> None:
    extra = {"host_key": sftp_server.host_key, "look_for_keys": "false"}
    connect(
        "case_sftp",
        "sftp",
        host="127.0.0.1",
        port=sftp_server.port,
        login=sftp_server.user,
        password=sftp_server.password,
        extra=extra,
    )


@pytest.fixture(autouse=True)
def outgoing(sftp_server: SftpServer) -> Path:
    for name in ("header", "episodes"):
        file = sftp_server.root / "outgoing/2025-07/ssda903/ssda903_2025-26" / f"{name}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"CHILD\n{name}\n")
    sftp_server.opened.clear()
    return sftp_server.root / "outgoing"


def test_a_folder_of_the_month_arrives_as_one_delivery(home: Path) -> None:
    fetch(FEED, JULY)
    (arrival,) = arrivals(FEED, JULY)
    assert arrival.location == "999/ssda903/2025-07/ssda903_2025-26"
    assert {path.name: path.read_text() for path in arrival.files} == {
        "header.csv": "CHILD\nheader\n",
        "episodes.csv": "CHILD\nepisodes\n",
    }


def test_only_what_has_changed_is_fetched_again(home: Path, outgoing: Path, sftp_server: SftpServer) -> None:
    fetch(FEED, JULY)
    assert len(sftp_server.opened) == 2
    fetch(FEED, JULY)
    assert len(sftp_server.opened) == 2
    corrected = outgoing / "2025-07/ssda903/ssda903_2025-26/header.csv"
    corrected.write_text("CHILD\ncorrected\n")
    fetch(FEED, JULY)
    assert [Path(path).name for path in sftp_server.opened[2:]] == ["header.csv"]
    fetched = home / "inbox/999/ssda903/2025-07/ssda903_2025-26/header.csv"
    assert fetched.read_text() == "CHILD\ncorrected\n"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password": "SENTINEL-wrong"}, "AuthenticationException"),
        ({"port": free_port()}, "NoValidConnectionsError"),
        ({"extra": {"look_for_keys": "false", "host_key": "ssh-ed25519 " + "A" * 68}}, "Exception"),
    ],
)
def test_a_server_that_lets_nobody_in_fails_the_feed_with_what_to_check(
    home: Path, connect: Connect, sftp_server: SftpServer, changes: dict[str, object], told: str
) -> None:
    fields: dict[str, object] = {
        "host": "127.0.0.1",
        "port": sftp_server.port,
        "login": sftp_server.user,
        "password": sftp_server.password,
        "extra": {"host_key": sftp_server.host_key, "look_for_keys": "false"},
    }
    connect("case_sftp", "sftp", **(fields | changes))
    with pytest.raises(FeedError, match="Check the Airflow connection case_sftp") as caught:
        fetch(FEED, JULY)
    assert told in str(caught.value)
    assert "SENTINEL" not in "".join(traceback.format_exception(caught.value))
    assert arrivals(FEED, JULY) == []


def test_a_path_that_is_not_there_is_told(home: Path) -> None:
    lost = feed_of("ssda903", kind="sftp", connection="case_sftp", path="/nowhere/{yyyy}-{mm}/")
    with pytest.raises(FeedError, match=r"No such file.*the folders of /nowhere/"):
        fetch(lost, JULY)


def test_a_connection_that_is_not_declared_is_told(home: Path) -> None:
    unknown = feed_of("ssda903", kind="sftp", connection="no_such", path="/{yyyy}-{mm}/")
    with pytest.raises(FeedError, match=r"AirflowNotFoundException.*Check the Airflow connection no_such"):
        fetch(unknown, JULY)
