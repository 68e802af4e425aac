"""docker-compose.yml and its neighbours hold together, and hold no secret."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from scrutiny.settings import PROJECT, Settings

AIRFLOW = {"api-server", "scheduler", "dag-processor", "triggerer"}
HAVE_A_DEFAULT = {"AIRFLOW_PORT", "SITE_PORT"}
MAY_BE_LEFT_OUT = HAVE_A_DEFAULT | {"SCRUTINY_REPORTING_POSTGRES"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def example() -> dict[str, str]:
    lines = (PROJECT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_service_of_the_design_is_there_and_watched(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == AIRFLOW | {"postgres", "migration", "site"}
    for name in AIRFLOW | {"postgres", "site"}:
        assert services[name]["healthcheck"]["test"], name
        assert services[name]["restart"] == "unless-stopped", name
    for name in AIRFLOW:
        assert services[name]["command"] == [name]
        assert services[name]["depends_on"]["migration"]["condition"] == "service_completed_successfully"
    assert services["migration"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert "pools set warehouse 1 " in services["migration"]["command"][0]


def test_no_value_of_the_environment_is_a_secret_or_made_up(
    compose: dict[str, Any], example: dict[str, str]
) -> None:
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    named = dict(re.findall(r"\$\{(\w+)(:[-?])", text))
    assert set(named) == set(example)
    for name, form in named.items():
        assert form == (":-" if name in MAY_BE_LEFT_OUT else ":?"), f"{name} must be asked for"
        assert bool(example[name]) == (name in HAVE_A_DEFAULT), f"{name} must be empty in .env.example"
    secret = re.compile(r"SECRET|PASSWORD|KEY|CONN$")
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if secret.search(name):
                assert "${" in value, f"{name} is written out"


def test_the_environment_names_settings_that_exist(compose: dict[str, Any]) -> None:
    given = compose["services"]["scheduler"]["environment"]
    ours = {name.removeprefix("SCRUTINY_").lower() for name in given if name.startswith("SCRUTINY_")}
    assert ours <= set(Settings.model_fields)
    assert "demo" not in ours


def test_nothing_listens_beyond_this_machine(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/2025-26-Q2/v1.0.0/public/index.html", True),
        ("/2025-26-Q2/v1.0.0/public/tables/indicators.csv", True),
        ("/2025-26-Q2/v1.0.0/officer/index.html", False),
        ("/2025-26-Q2/draft-run-1/public/index.html", False),
        ("/2025-26-Q2/v1.0.0/provenance.json", False),
        ("/2025-26-Q2/v1.0.0/public/open_data/datapackage.json", True),
        ("/2025-26-Q2/v1.0.0/review/changes.html", False),
        ("/2025-26-Q2/v1.0.0/revisions.csv", False),
        ("/2025-26-Q2/withdrawn-v1.0.0.json", False),
        ("/ledger.csv", False),
        ("/", True),
        ("/index.html", True),
    ],
)
def test_the_site_shows_published_public_editions_only(
    compose: dict[str, Any], path: str, shown: bool
) -> None:
    site = compose["configs"]["site"]["content"]
    rule = re.search(r'location ~ "([^"]+)"', site)
    assert rule
    exact = [at for at in re.findall(r"location = (\S+)", site) if at != "/healthy"]
    assert (path in exact or bool(re.search(rule[1], path))) is shown
    assert re.search(r"location / \{ return 404; \}", site)
    snapshots = compose["services"]["site"]["volumes"]
    assert snapshots == ["${SCRUTINY_DATA:?see .env.example}/snapshots:/snapshots:ro"]


def test_the_image_takes_what_the_code_reads() -> None:
    lines = (PROJECT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = {word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]}
    allowed = {
        line.removeprefix("!")
        for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    assert copied == allowed
    assert {"scrutiny", "dags", "dbt_project", "expectations", "seeds"} <= copied
    assert all((PROJECT / name).exists() for name in copied)
    assert any(line.startswith("USER ") for line in lines)


def test_compose_itself_accepts_the_file(example: dict[str, str]) -> None:
    client = shutil.which("docker")
    if client is None or subprocess.run([client, "compose", "version"], capture_output=True).returncode:
        return  # no docker client with compose here; the tests above have read the file
    filled = {name: value or "filled-in" for name, value in example.items()}
    command = [client, "compose", "--file", str(PROJECT / "docker-compose.yml"), "config", "--quiet"]
    done = subprocess.run(command, env={"PATH": "/usr/bin:/bin", **filled}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
