"""Extracts from a real S3-compatible server, a real Azure-compatible one, and a store that is a folder."""

from __future__ import annotations

import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from feed_servers import Azure, Connect, feed_of, free_port

from scrutiny.declarations import FeedError
from scrutiny.feeds import arrivals
from scrutiny.feeds.fetching import fetch
from scrutiny.periods import Month

JULY = Month(2025, 7)


@dataclass(frozen=True)
class Bucket:
    """A bucket or container of its own for a test: its URL, the connection to it, and how to fill it."""

    url: str
    connection: str
    put: Callable[[str, bytes], Any]


@pytest.fixture
def s3(s3_url: str, connect: Connect) -> Bucket:
    import boto3

    # Airflow keeps the file system of a connection as long as the process: a name of its own for each test
    name = f"s3_{uuid.uuid4().hex}"
    secret = {"login": "SENTINEL-id", "password": "SENTINEL-secret"}
    extra = {"endpoint_url": s3_url, "region_name": "eu-west-2"}
    connect(name, "aws", **secret, extra=extra)
    client = boto3.client(
        "s3",
        aws_access_key_id=secret["login"],
        aws_secret_access_key=secret["password"],
        endpoint_url=s3_url,
        region_name="eu-west-2",
    )
    bucket = f"extracts-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    return Bucket(
        f"s3://{bucket}", name, lambda key, body: client.put_object(Bucket=bucket, Key=key, Body=body)
    )


@pytest.fixture
def azure_container(azure: Azure, connect: Connect) -> Bucket:
    from azure.storage.blob import BlobServiceClient

    name = f"azure_{uuid.uuid4().hex}"
    connect(name, "wasb", extra={"connection_string": azure.connection_string})
    container = f"extracts-{uuid.uuid4().hex}"
    client = BlobServiceClient.from_connection_string(azure.connection_string)
    opened = client.create_container(container)
    return Bucket(
        f"abfs://{container}", name, lambda key, body: opened.upload_blob(key, body, overwrite=True)
    )


@pytest.fixture
def shared_folder(tmp_path: Path, connect: Connect) -> Bucket:
    connect("share", "fs")

    def put(key: str, body: bytes) -> None:
        path = tmp_path / "share" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    return Bucket(f"file://{tmp_path}/share", "share", put)


@pytest.fixture(params=["s3", "azure_container"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    found: Bucket = request.getfixturevalue(request.param)
    return found


def cld(bucket: Bucket, place: str) -> Any:
    url = f"{bucket.url}/{place}"
    return feed_of("cld", kind="object_store", connection=bucket.connection, url=url)


def names(feed: Any, month: Month = JULY) -> list[str]:
    return [arrival.location for arrival in arrivals(feed, month)]


def test_objects_below_the_months_folder_arrive(home: Path, bucket: Bucket) -> None:
    bucket.put("adults/2025-07/cld_2025-07.csv", b"july")
    bucket.put("adults/2025-07/late/cld_2025-06.csv", b"june, late")
    bucket.put("adults/2025-08/cld_2025-08.csv", b"august")
    bucket.put("other/2025-07/cld.csv", b"not ours")
    feed = cld(bucket, "adults/{yyyy}-{mm}/")
    fetch(feed, JULY)
    assert names(feed) == ["999/cld/2025-07/cld_2025-07.csv", "999/cld/2025-07/late/cld_2025-06.csv"]
    assert (home / "inbox/999/cld/2025-07/cld_2025-07.csv").read_bytes() == b"july"
    fetch(feed, JULY + 1)
    assert names(feed, JULY + 1)[-1] == "999/cld/2025-08/cld_2025-08.csv"


def test_objects_named_after_the_month_arrive(home: Path, bucket: Bucket) -> None:
    bucket.put("CLD_202507_a.csv", b"july")
    bucket.put("CLD_202508_a.csv", b"august")
    bucket.put("readme.txt", b"?")
    feed = cld(bucket, "CLD_{yyyy}{mm}*.csv")
    fetch(feed, JULY)
    assert names(feed) == ["999/cld/2025-07/CLD_202507_a.csv"]


def test_an_object_is_fetched_again_when_it_has_changed(home: Path, bucket: Bucket) -> None:
    feed, fetched = cld(bucket, "{yyyy}-{mm}/"), home / "inbox/999/cld/2025-07/a.csv"
    bucket.put("2025-07/a.csv", b"first")
    fetch(feed, JULY)
    before = fetched.stat()
    fetch(feed, JULY)
    assert fetched.stat() == before
    bucket.put("2025-07/a.csv", b"mend!")
    fetch(feed, JULY)
    assert fetched.read_bytes() == b"mend!"


def test_a_bucket_nothing_was_put_into_yet_is_no_fault(home: Path, bucket: Bucket) -> None:
    feed = cld(bucket, "adults/{yyyy}-{mm}/")
    fetch(feed, JULY)
    assert names(feed) == []


def test_a_bucket_that_is_not_there_is_a_fault(home: Path, bucket: Bucket) -> None:
    scheme = bucket.url.partition("://")[0]
    url = f"{scheme}://no-such-bucket/{{yyyy}}-{{mm}}/"
    feed = feed_of("cld", kind="object_store", connection=bucket.connection, url=url)
    with pytest.raises(FeedError, match=f"Check the Airflow connection {bucket.connection}"):
        fetch(feed, JULY)


def test_a_store_that_does_not_answer_is_a_fault_and_tells_no_secret(home: Path, connect: Connect) -> None:
    connect(
        "away",
        "aws",
        login="SENTINEL-id",
        password="SENTINEL-secret",  # noqa: S106
        extra={
            "endpoint_url": f"http://127.0.0.1:{free_port()}",
            "region_name": "eu-west-2",
            "config_kwargs": {"retries": {"max_attempts": 1}},
        },
    )
    feed = feed_of("cld", kind="object_store", connection="away", url="s3://extracts/{yyyy}-{mm}/")
    with pytest.raises(FeedError, match="Check the Airflow connection away") as caught:
        fetch(feed, JULY)
    assert "SENTINEL" not in "".join(traceback.format_exception(caught.value))


def test_any_store_airflow_has_a_file_system_for_will_do(home: Path, shared_folder: Bucket) -> None:
    shared_folder.put("2025-07/a.csv", b"july")
    feed = cld(shared_folder, "{yyyy}-{mm}/")
    fetch(feed, JULY)
    assert names(feed) == ["999/cld/2025-07/a.csv"]
