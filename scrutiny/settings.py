"""Everything that can be configured, read once from ``SCRUTINY_*`` environment variables."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A setting that is missing or cannot be used, and what to do about it."""


class Settings(BaseSettings):
    """Where things are and the secret that pseudonyms are made with.

    All state lives under ``home`` (``SCRUTINY_HOME``, ``data/`` by default). ``pseudonym_key`` has no
    default: only a run that says it is the demo (``SCRUTINY_DEMO=true``) may go without one.
    """

    model_config = SettingsConfigDict(env_prefix="SCRUTINY_", frozen=True)

    home: Path = PROJECT / "data"
    seeds: Path = PROJECT / "seeds"
    expectations: Path = PROJECT / "expectations"
    authority: str = "999"
    """The authority whose quarters are published from here; others are loaded beside it."""
    reporting_postgres: SecretStr | None = None
    """A PostgreSQL database that gets the marts too, as postgresql://user:password@host/database."""
    demo: bool = False
    pseudonym_key: SecretStr | None = None
    schedule_from: dt.date | None = None
    """Loads due on or after this day start by themselves, in order, even after a stoppage."""
    settling_seconds: float = 5
    """How long files fetched from elsewhere must stay the same to be taken as written to their end."""
    keep_superseded_days: int = 30
    """How long a reporting copy or a candidate is kept after a newer one took its place."""
    least_free_gib: float = 5
    """Housekeeping alerts when less room than this is left on the disk."""
    approvers: dict[str, str] = {
        "approver_children": "Director of Children's Services",
        "approver_adults": "Director of Adult Services",
    }
    """Airflow user names and roles of those who sign a quarter off, in the order they are asked."""

    @model_validator(mode="after")
    def _two_approvers(self) -> Settings:
        if len(self.approvers) != 2:
            raise SettingsError(
                "SCRUTINY_APPROVERS must name exactly two Airflow users with their roles, like "
                '{"a_user": "Director of Children\'s Services", "another": "Director of Adult Services"}'
            )
        return self

    @model_validator(mode="after")
    def _absolute(self) -> Settings:
        object.__setattr__(self, "home", self.home.resolve())
        return self

    def secret(self) -> bytes:
        """The key of the pseudonyms. Raises SettingsError if there is none outside the demo."""
        if self.pseudonym_key is not None:
            key = self.pseudonym_key.get_secret_value().encode()
            if len(key) < 16:
                raise SettingsError(
                    "SCRUTINY_PSEUDONYM_KEY is shorter than 16 characters: use a long random secret"
                )
            return key
        if self.demo:
            return b"the demo holds nobody's data"
        raise SettingsError(
            "SCRUTINY_PSEUDONYM_KEY is not set. Set it to a long random secret kept in your secrets store, "
            "and never change it: pseudonyms made with another key do not match."
        )

    def schedule_start(self) -> dt.date:
        """The first day loads start by themselves. Raises SettingsError if it is not set outside the demo."""
        if self.schedule_from is not None:
            return self.schedule_from
        if self.demo:
            return dt.date(2100, 1, 1)  # the demo starts its loads itself, the clock never does
        raise SettingsError(
            "SCRUTINY_SCHEDULE_FROM is not set. Set it to the day from which loads start by themselves, "
            "like 2026-04-01: every month due since then is loaded, in order. Load earlier months by hand."
        )

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def quarantine(self) -> Path:
        return self.home / "quarantine"

    @property
    def staged(self) -> Path:
        return self.home / "staged"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse"

    @property
    def reporting(self) -> Path:
        return self.home / "reporting"

    @property
    def boards(self) -> Path:
        return self.home / "boards"

    @property
    def snapshots(self) -> Path:
        return self.home / "snapshots"

    @property
    def logs(self) -> Path:
        return self.home / "logs"


@cache
def settings() -> Settings:
    """The settings of this process, read from the environment the first time they are asked for."""
    return Settings()
