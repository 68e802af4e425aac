"""Real servers on loopback, one of each kind a session, and feeds that name them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from feed_servers import Azure, Connect, Postgres, SftpServer, free_port

from scrutiny.settings import PROJECT


def skip_outside_ci(what: str) -> None:
    """Skip for want of a server, but fail in CI, where .ci/services should have installed it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing: .ci/services should have installed it.")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files settle at once in tests."""
    monkeypatch.setenv("SCRUTINY_SETTLING_SECONDS", "0.05")


@pytest.fixture(scope="session", autouse=True)
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        yield


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch) -> Connect:
    """Declares an Airflow connection, as its environment variable does."""

    def declare(name: str, conn_type: str, **fields: Any) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps({"conn_type": conn_type, **fields}))

    return declare


@pytest.fixture(scope="session")
def sftp_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with SftpServer(tmp_path_factory.mktemp("sftp")) as server:
        yield server


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """The address of a server that speaks as S3 does."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code < 500
    except httpx.TransportError:
        return False


def wait_for(ready: Callable[[], bool], what: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while not ready():
        assert process.poll() is None, f"{what} ended at once"
        assert time.monotonic() < until, f"{what} did not start"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azure]:
    program = PROJECT / ".venv" / "azurite" / "node_modules" / ".bin" / "azurite-blob"
    if not program.exists():
        skip_outside_ci("Azurite")
    port, folder = free_port(), tmp_path_factory.mktemp("azurite")
    account = Azure(f"http://127.0.0.1:{port}", "council", "c2VjcmV0IG9mIHRoZSB0ZXN0cw==")
    command = [
        str(program), "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent",
        "--blobHost", "127.0.0.1", "--blobPort", str(port),
    ]  # fmt: skip
    environment = os.environ | {"AZURITE_ACCOUNTS": f"{account.name}:{account.key}"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_for(lambda: answers(account.url), "Azurite", process)
        yield account
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """PostgreSQL's server. It refuses to run as root, so as root it runs as Debian's user for it."""
    found = [Path(path).parent for path in [shutil.which("initdb")] if path]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        skip_outside_ci("PostgreSQL")
    as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    server, folder = Postgres(free_port()), Path(tempfile.mkdtemp(prefix="scrutiny-postgres-"))
    if as_user:
        shutil.chown(folder, "postgres")
    secret = folder / "password"
    secret.write_text(server.password)
    secret.chmod(0o644)
    data, log = folder / "data", folder / "log"
    run = [*as_user, str(found[0] / "initdb"), "--pgdata", str(data), "--username", server.user]
    run += ["--auth", "scram-sha-256", "--pwfile", str(secret), "--encoding", "UTF8", "--no-sync"]
    subprocess.run(run, check=True, stdout=subprocess.DEVNULL, cwd=folder)
    options = f"-p {server.port} -h 127.0.0.1 -k {folder} -c fsync=off -c timezone=UTC"
    control = [*as_user, str(found[0] / "pg_ctl"), "--pgdata", str(data), "--log", str(log)]
    subprocess.run([*control, "--options", options, "--wait", "start"], check=True, stdout=subprocess.DEVNULL,
                   cwd=folder)  # fmt: skip
    try:
        Postgres(server.port, database="postgres").run(f"create database {server.database}")
        yield server
    finally:
        subprocess.run(
            [*control, "--mode", "fast", "stop"], check=True, stdout=subprocess.DEVNULL, cwd=folder
        )
        shutil.rmtree(folder, ignore_errors=True)
