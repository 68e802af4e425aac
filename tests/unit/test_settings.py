import pytest
from pydantic import SecretStr

from scrutiny.settings import Settings, SettingsError


def test_a_run_without_a_key_refuses_to_start() -> None:
    with pytest.raises(SettingsError, match="SCRUTINY_PSEUDONYM_KEY is not set"):
        Settings(demo=False, pseudonym_key=None).secret()


def test_the_demo_may_go_without_a_key_but_uses_the_one_it_is_given() -> None:
    given = Settings(demo=True, pseudonym_key=SecretStr("a long and random secret"))
    assert given.secret() == b"a long and random secret"
    assert Settings(demo=True, pseudonym_key=None).secret() != given.secret()


def test_a_short_key_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingsError, match="shorter than 16 characters") as error:
        Settings(pseudonym_key=SecretStr("too short")).secret()
    assert "too short" not in str(error.value)


def test_the_key_does_not_show_in_a_printed_setting() -> None:
    assert "a long and random secret" not in repr(
        Settings(pseudonym_key=SecretStr("a long and random secret"))
    )
