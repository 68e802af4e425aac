"""A whole Airflow on this machine, for the demo and the tests: loopback only, its state under one folder.

Production runs the same DAGs on the services of ``docker-compose.yml``.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import httpx

from scrutiny.orchestration import WRITERS
from scrutiny.settings import PROJECT, settings

OPERATOR = "operator"
"""The user who starts and watches the loads."""

_STARTING_TAKES = 180  # seconds
_STOPPING_TAKES = 20
_SETTLING_TAKES = 3
_ANSWERING_TAKES = 300

TELEMETRY_OFF = {
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "SCARF_ANALYTICS": "false",
    "SCARF_NO_ANALYTICS": "true",
}


class AirflowError(RuntimeError):
    """Airflow could not be started, or did not do what was asked; says where its logs are."""


class Airflow:
    """Airflow's four services as child processes, and its REST API as one of its users.

    ``home`` holds its database, secrets and passwords, ``logs`` the output of the services. ``users`` maps
    user names to roles of Airflow's simple auth manager. The passwords are made once and kept in ``home``.
    """

    def __init__(self, home: Path, logs: Path, users: Mapping[str, str], parallelism: int = 4) -> None:
        self.home, self.logs, self.parallelism = home, logs, parallelism
        self.users = {OPERATOR: "admin", **users}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._clients: dict[str, httpx.Client] = {}
        self._lock: IO[str] | None = None
        home.mkdir(parents=True, exist_ok=True)
        logs.mkdir(parents=True, exist_ok=True)
        kept = home / "secrets.json"
        if not kept.exists():
            _write_private(
                kept,
                {
                    "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                    "jwt": secrets.token_hex(32),
                    "session": secrets.token_hex(32),
                    "port": _free_port(),
                },
            )
        self._secrets: dict[str, Any] = json.loads(kept.read_text())
        passwords = home / "passwords.json"
        known = json.loads(passwords.read_text()) if passwords.exists() else {}
        self.passwords: dict[str, str] = {
            user: known.get(user) or secrets.token_urlsafe(9) for user in self.users
        }
        _write_private(passwords, self.passwords)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._secrets['port']}"

    def environment(self) -> dict[str, str]:
        """The environment variables the services and the tasks run with."""
        port = self._secrets["port"]
        options = {
            "core__dags_folder": PROJECT / "dags",
            "core__executor": "LocalExecutor",
            "core__parallelism": self.parallelism,
            "core__load_examples": False,
            "core__dags_are_paused_at_creation": False,
            "core__default_timezone": "Europe/London",
            "core__fernet_key": self._secrets["fernet"],
            "core__simple_auth_manager_users": ",".join(f"{u}:{role}" for u, role in self.users.items()),
            "core__simple_auth_manager_passwords_file": self.home / "passwords.json",
            "core__execution_api_server_url": f"{self.url}/execution/",
            "api__host": "127.0.0.1",
            "api__port": port,
            "api__base_url": self.url,
            "api__secret_key": self._secrets["session"],
            "api__instance_name": "Scrutiny",
            "api_auth__jwt_secret": self._secrets["jwt"],
            "database__sql_alchemy_conn": f"sqlite:///{self.home / 'airflow.db'}",
            "logging__base_log_folder": self.logs / "tasks",
            "logging__dag_processor_child_process_log_directory": self.logs / "dag_processor",
            # Quick on two cores: look for work five times a second, do not parse unchanged files again.
            "scheduler__scheduler_idle_sleep_time": 0.2,
            "dag_processor__min_file_process_interval": 600,
            "dag_processor__refresh_interval": 600,
            "dag_processor__parsing_processes": 1,
            # A killed run is picked up within half a minute, not five.
            "scheduler__orphaned_tasks_check_interval": 30,
            "scheduler__task_instance_heartbeat_timeout": 30,
            "workers__execution_api_timeout": 60,
        }
        return {
            **os.environ,
            **TELEMETRY_OFF,
            **{f"AIRFLOW__{name.upper()}": str(value) for name, value in options.items()},
            "AIRFLOW_HOME": str(self.home),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "SCRUTINY_HOME": str(settings().home),
            "SCRUTINY_DEMO": str(settings().demo).lower(),
        }

    def start(self) -> None:
        """Start the services and wait until the DAGs can be run. Raises AirflowError if they cannot."""
        self._take_over()
        if not _is_free(self._secrets["port"]):
            self._secrets["port"] = _free_port()
            _write_private(self.home / "secrets.json", self._secrets)
        self._run("db", "migrate")
        for component, command in _components().items():
            with (self.logs / f"{component}.log").open("ab") as output:
                self._processes[component] = subprocess.Popen(
                    command,
                    env=self.environment(),
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C reaches us alone: we end them in order
                    pass_fds=[self._lock.fileno()] if self._lock else [],
                )
        self._remember()
        self.wait(self._healthy, _STARTING_TAKES, "start")
        pools = {pool["name"] for pool in self.call("GET", "/pools")["pools"]}
        if WRITERS not in pools:
            self.call("POST", "/pools", json={"name": WRITERS, "slots": 1})

    def stop(self) -> None:
        """End every service and whatever tasks they were running."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        _end([process.pid for process in self._processes.values()], self._processes)
        self._processes.clear()
        if self._lock:
            (self.home / "processes.json").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Airflow:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def call(self, method: str, path: str, user: str = OPERATOR, **arguments: Any) -> dict[str, Any]:
        """Call the REST API as ``user`` and return the JSON answer. Raises AirflowError if it is refused."""
        if user not in self._clients:
            with httpx.Client(base_url=self.url, timeout=30) as client:
                answer = client.post("/auth/token", json={"username": user, "password": self.passwords[user]})
                answer.raise_for_status()
            headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            self._clients[user] = httpx.Client(base_url=f"{self.url}/api/v2", headers=headers, timeout=30)
        answer = self._clients[user].request(method, path, **arguments)
        if answer.is_error:
            raise AirflowError(f"Airflow refused {method} {path} to {user}: {answer.text}")
        return answer.json() if answer.content else {}

    def wait(self, ready: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until ``ready()`` is true. Raises AirflowError if it takes too long or a service ends."""
        until = time.monotonic() + seconds
        while not ready():
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise AirflowError(
                        f"Airflow's {name} ended while we waited for it to {what}: see {self.logs / name}.log"
                    )
            if time.monotonic() > until:
                raise AirflowError(f"Airflow did not {what} within {seconds:.0f} s: see {self.logs}")
            time.sleep(0.3)

    def answer(self, dag: str, run: str, task: str, user: str, **answer: Any) -> None:
        """Answer the question a task asks, as ``user``, and wait until the task has taken the answer.

        Raises AirflowError if the user is not one of those asked. An answer that comes before the scheduler
        has noted that the question stands looks to it like a task changed from outside: it then asks again,
        and is answered again.
        """
        task_path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}"

        def taken() -> bool:
            state = self.call("GET", task_path, user)["state"]
            if state == "failed":
                raise AirflowError(f"{task} failed: see {self.logs / 'tasks'}")
            question = f"{task_path}/-1/hitlDetails"
            if state == "awaiting_input" and not self.call("GET", question, user)["response_received"]:
                time.sleep(_SETTLING_TAKES)
                self.call("PATCH", question, user, json=answer)
            return bool(state == "success")

        self.wait(taken, _ANSWERING_TAKES, f"take the answer of {user}")

    def _healthy(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"{self.url}/execution/health", timeout=60)  # makes it ready for the first task
            health = httpx.get(f"{self.url}/api/v2/monitor/health", timeout=10).json()
            if all(health[name]["status"] == "healthy" for name in ("metadatabase", "scheduler")):
                wanted = {path.stem for path in (PROJECT / "dags").glob("*.py")}
                broken = self.call("GET", "/importErrors")["import_errors"]
                if broken:
                    raise AirflowError(f"a DAG cannot be imported: {broken[0]['stack_trace']}")
                return wanted <= {dag["dag_id"] for dag in self.call("GET", "/dags")["dags"]}
        return False

    def _run(self, *arguments: str) -> None:
        log = self.logs / "airflow.log"
        with log.open("ab") as output:
            done = subprocess.run(
                [_airflow(), *arguments], env=self.environment(), stdout=output, stderr=subprocess.STDOUT
            )
        if done.returncode:
            raise AirflowError(f"'airflow {' '.join(arguments)}' failed: see {log}")

    def _take_over(self) -> None:
        """Make sure nothing else runs on this home; end what a killed run left behind.

        The services inherit the locked file, so the lock is free only when all of them have ended.
        """
        note = self.home / "processes.json"
        self._lock = (self.home / "lock").open("w")
        if self._has_lock():
            return
        left = json.loads(note.read_text()) if note.exists() else {"parent": 0, "services": []}
        if _is_alive(left["parent"]):
            self._lock.close()
            self._lock = None  # the other's note stays when this run tidies up
            raise AirflowError(f"Airflow is already running on {self.home} (process {left['parent']})")
        _end(left["services"], {})
        self.wait(self._has_lock, _STOPPING_TAKES, "end what an earlier run left behind")

    def _has_lock(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(self._lock or 0, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        return False

    def _remember(self) -> None:
        services = [process.pid for process in self._processes.values()]
        _write_private(self.home / "processes.json", {"parent": os.getpid(), "services": services})


def _airflow() -> str:
    return str(Path(sys.executable).with_name("airflow"))


def _components() -> dict[str, list[str]]:
    """The command of each service. The log servers stay off: they would listen beyond loopback."""
    return {
        "api-server": [_airflow(), "api-server"],
        "scheduler": [sys.executable, "-m", "scrutiny.airflow_scheduler", "--skip-serve-logs"],
        "dag-processor": [_airflow(), "dag-processor"],
        "triggerer": [_airflow(), "triggerer", "--skip-serve-logs"],
    }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _write_private(path: Path, content: Mapping[str, Any]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file)


def _is_alive(process: int) -> bool:
    if not process:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _end(leaders: list[int], children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Ask each service to end, wait, then kill what is left of its process group."""
    for leader in leaders:
        with contextlib.suppress(ProcessLookupError):
            os.kill(leader, signal.SIGTERM)
    until = time.monotonic() + _STOPPING_TAKES
    while time.monotonic() < until and any(map(_is_alive, leaders)):
        for child in children.values():
            child.poll()
        time.sleep(0.1)
    for leader in leaders:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)
    for child in children.values():
        child.wait()
