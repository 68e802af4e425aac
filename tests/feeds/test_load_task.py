"""The tasks of the real DAG on declared feeds: each kind of source, a late feed and its alert."""

from __future__ import annotations

import importlib.util
import logging
import shutil
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from airflow.sdk.execution_time.context import set_current_context
from feed_servers import Azure, Connect, Postgres, SftpServer

from scrutiny import landing
from scrutiny.declarations import FeedError
from scrutiny.settings import PROJECT, settings

COMMENTARY = """\
Indicator,Quarter,Commentary,Cause,Action,Owner,Due Date,Author
FD07,2025-26-Q2,Fewer came back,Earlier help,Keep going,Head of service,30/09/2025,Performance officer
"""
Declare = Callable[..., None]


@pytest.fixture
def declare(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Declare:
    """Declares one commentary feed with a source, in a copy of the seeds."""

    def declared(source: Mapping[str, Any], **more: Any) -> None:
        feed = {
            "feed": "officers",
            "authority_code": "999",
            "dataset": "commentary",
            "location": "999/commentary",
            "source": source,
            "source_system": "performance",
            "frequency": "monthly",
            "due_working_day": 3,
            "owner": "Performance team",
        }
        seeds = tmp_path / "seeds"
        shutil.copytree(PROJECT / "seeds", seeds)
        text = yaml.safe_dump({"feeds": [feed | more.pop("feed", {})], **more})
        (seeds / "feeds.yaml").write_text(text, encoding="utf-8")
        monkeypatch.setenv("SCRUTINY_SEEDS", str(seeds))
        settings.cache_clear()

    return declared


@pytest.fixture(autouse=True)
def no_secret_is_told(home: Path, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Passwords of the servers are in no log and in no file that a load leaves."""
    caplog.set_level(logging.INFO)
    yield
    assert "SENTINEL" not in caplog.text
    for path in home.rglob("*"):
        assert not path.is_file() or b"SENTINEL" not in path.read_bytes(), path


def run_task(task_id: str, **arguments: Any) -> Any:
    """What a task of ``monthly_load`` returns for July 2025, its DAG file parsed anew."""
    spec = importlib.util.spec_from_file_location("monthly_load", PROJECT / "dags" / "monthly_load.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function = module.dag.get_task(task_id).python_callable
    context: Any = {
        "dag_run": SimpleNamespace(partition_key="2025-07", run_id="scheduled__1"),
        "params": {},
        "task_instance": SimpleNamespace(task_id=task_id, dag_id="monthly_load"),
    }
    with set_current_context(context):
        try:
            return function(**arguments)
        except FeedError as error:
            module.DEFAULTS["on_failure_callback"](context | {"exception": error})
            raise


def loaded() -> dict[str, Any]:
    """What the task of the feed did, and what its one receipt says of where the file came from."""
    done = run_task("load_feed", name="officers")
    (receipt,) = landing.receipts()
    assert (done["accepted"], done["rejected"], done["rows_staged"]) == (1, 0, 1), receipt.reason
    assert run_task("load_feed", name="officers")["rows_received"] == 0, (
        "the second time there is nothing new"
    )
    return {name: (origin.kind, origin.connection, origin.place) for name, origin in receipt.origins.items()}


def test_a_file_dropped_into_the_inbox(home: Path, declare: Declare) -> None:
    declare({"kind": "folder"})
    path = home / "inbox/999/commentary/2025-07/commentary.csv"
    path.parent.mkdir(parents=True)
    path.write_text(COMMENTARY)
    assert loaded() == {}


def test_a_folder(declare: Declare, tmp_path: Path) -> None:
    place = tmp_path / "share"
    declare({"kind": "folder", "path": f"{place}/{{yyyy}}-{{mm}}/"})
    (place / "2025-07").mkdir(parents=True)
    (place / "2025-07" / "commentary.csv").write_text(COMMENTARY)
    assert loaded() == {"commentary.csv": ("folder", None, f"{place}/2025-07/commentary.csv")}


def test_sftp(declare: Declare, connect: Connect, sftp_server: SftpServer) -> None:
    connect(
        "officers",
        "sftp",
        host="127.0.0.1",
        port=sftp_server.port,
        login=sftp_server.user,
        password=sftp_server.password,
        extra={"host_key": sftp_server.host_key, "look_for_keys": "false"},
    )
    declare({"kind": "sftp", "connection": "officers", "path": "commentary/{yyyy}{mm}.csv"})
    (sftp_server.root / "commentary").mkdir()
    (sftp_server.root / "commentary" / "202507.csv").write_text(COMMENTARY)
    assert loaded() == {"202507.csv": ("sftp", "officers", "commentary/202507.csv")}


def test_s3(declare: Declare, connect: Connect, s3_url: str) -> None:
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=s3_url,
        aws_access_key_id="SENTINEL-id",
        aws_secret_access_key="SENTINEL-secret",  # noqa: S106
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="officers")
    client.put_object(Bucket="officers", Key="2025/07/commentary.csv", Body=COMMENTARY.encode())
    connect(
        "officers_s3",
        "aws",
        login="SENTINEL-id",
        password="SENTINEL-secret",  # noqa: S106
        extra={"endpoint_url": s3_url, "region_name": "us-east-1"},
    )
    url = "s3://officers/{yyyy}/{mm}/"
    declare({"kind": "object_store", "connection": "officers_s3", "url": url})
    assert loaded() == {"commentary.csv": ("object_store", "officers_s3", "officers/2025/07/commentary.csv")}


def test_azure(declare: Declare, connect: Connect, azure: Azure) -> None:
    from azure.storage.blob import BlobServiceClient

    client = BlobServiceClient.from_connection_string(azure.connection_string)
    client.create_container("officers").upload_blob("2025/07/commentary.csv", COMMENTARY.encode())
    connect("officers_azure", "wasb", extra={"connection_string": azure.connection_string})
    url = "abfs://officers/{yyyy}/{mm}/"
    declare({"kind": "object_store", "connection": "officers_azure", "url": url})
    place = "officers/2025/07/commentary.csv"
    assert loaded() == {"commentary.csv": ("object_store", "officers_azure", place)}


def test_a_query(declare: Declare, connect: Connect, postgres: Postgres) -> None:
    postgres.run("""
        drop table if exists note;
        create table note (indicator text, said text, due date);
        insert into note values ('FD07', 'Fewer came back', '2025-09-30');
    """)
    connect(
        "officers",
        "postgres",
        host="127.0.0.1",
        port=postgres.port,
        login=postgres.user,
        password=postgres.password,
        schema=postgres.database,
    )
    query = """
        select indicator, '2025-26-Q2' as quarter, said as commentary, null as cause, null as action,
            null as owner, due as "Due Date", 'Performance officer' as author
        from note where due >= '{month_start}'
    """
    declare({"kind": "sql", "connection": "officers", "queries": {"commentary": query}})
    assert loaded() == {"commentary.csv": ("sql", "officers", "commentary")}


def test_a_wrong_feed_stops_the_dag_file_from_being_parsed(declare: Declare) -> None:
    declare({"kind": "sftp", "connection": "officers"})
    with pytest.raises(FeedError, match=r"feeds.yaml, line \d+: path is missing"):
        run_task("list_feeds")


class Mailbox(socketserver.StreamRequestHandler):
    """Takes mail as SMTP servers do, and keeps it."""

    def handle(self) -> None:
        def say(text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        say("220 here")
        for line in self.rfile:
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                say("354 go on")
                message = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.received.append(message.decode())  # type: ignore[attr-defined]
            say("221 bye" if word == b"QUIT" else "250 good")
            if word == b"QUIT":
                return


@pytest.fixture
def mail(connect: Connect) -> Iterator[list[str]]:
    """What a mail server on loopback receives through the connection ``council_mail``."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        server.received = received = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        extra = {"disable_ssl": True, "disable_tls": True, "from_email": "scrutiny@example.gov.uk"}
        connect("council_mail", "smtp", host="127.0.0.1", port=server.server_address[1], extra=extra)
        yield received
        server.shutdown()
        thread.join()


OWNED = {"feed": {"owner_email": "performance@example.gov.uk"}, "alert_connection": "council_mail"}


def test_a_late_feed_is_listed_shown_in_red_and_its_owner_written_to(
    declare: Declare, mail: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    declare({"kind": "folder"}, **OWNED)
    assert run_task("list_late") == ["officers"]
    with pytest.raises(FeedError, match=r"2025-07 has not arrived. It was due on 05/08/2025"):
        run_task("late_feed", name="officers")
    assert "ALERT late_feed of monthly_load failed for feed officers" in caplog.text
    (message,) = mail
    assert "To: performance@example.gov.uk" in message
    assert "the feed officers needs you" in message


def test_a_feed_that_arrived_is_not_late(home: Path, declare: Declare) -> None:
    declare({"kind": "folder"})
    path = home / "inbox/999/commentary/2025-07/commentary.csv"
    path.parent.mkdir(parents=True)
    path.write_text(COMMENTARY)
    run_task("load_feed", name="officers")
    assert run_task("list_late") == []


def test_a_source_that_is_away_fails_its_task_and_tells_its_owner(declare: Declare, mail: list[str]) -> None:
    declare({"kind": "folder", "path": "/not/mounted/{yyyy}{mm}/"}, **OWNED)
    with pytest.raises(FeedError, match="Check that the share is mounted"):
        run_task("load_feed", name="officers")
    assert "officers needs you" in mail[0]


def test_a_mail_server_that_is_away_does_not_hide_the_alert(
    declare: Declare, caplog: pytest.LogCaptureFixture
) -> None:
    declare({"kind": "folder"}, **OWNED)
    with pytest.raises(FeedError):
        run_task("late_feed", name="officers")
    assert "has not arrived" in caplog.text
    assert "the owner of officers could not be written to through council_mail" in caplog.text
