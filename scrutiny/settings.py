"""Everything that can be configured, read once from ``SCRUTINY_*`` environment variables."""

from __future__ import annotations

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
    demo: bool = False
    pseudonym_key: SecretStr | None = None

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
    def snapshots(self) -> Path:
        return self.home / "snapshots"

    @property
    def logs(self) -> Path:
        return self.home / "logs"


@cache
def settings() -> Settings:
    """The settings of this process, read from the environment the first time they are asked for."""
    return Settings()
