"""Whatever an archive calls its files and says of them, nothing is written outside the landing store."""

import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_extracts import zipped

from scrutiny import settings as settings_module
from scrutiny.datasets import Unreadable
from scrutiny.landing import Limits, store, unpack
from scrutiny.settings import settings

PARTS = st.sampled_from(["..", ".", "", "a", "etc", "C:", "~", "x.csv", "é", "\\", "..\\", "\0", "\n"])
NAMES = st.one_of(
    st.lists(PARTS, min_size=1, max_size=6).map("/".join),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
)


@given(names=st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_no_name_in_an_archive_writes_outside_the_store(names: list[str]) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            member = zipfile.ZipInfo("placeholder")
            member.filename = member.orig_filename = name
            archive.writestr(member, name.encode())
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        top = Path(folder)
        patch.setenv("SCRUTINY_HOME", str(top / "deep/home"))
        settings_module.settings.cache_clear()
        sent = top / "sent.zip"
        sent.write_bytes(content.getvalue())
        try:
            stored = unpack(sent)
        except Unreadable:
            stored = ()
        files = {path for path in top.rglob("*") if path.is_file()} - {sent}
        assert all((settings().landing / "files") in path.parents for path in files)
        assert {path.name for path in files} >= {file.sha256 for file in stored}
        for file in stored:
            assert not file.name.startswith(("/", "\\"))
            assert ".." not in file.name.replace("\\", "/").split("/")
    settings_module.settings.cache_clear()


def test_the_limits_are_those_asked_for(home: Path, tmp_path: Path) -> None:
    sent = tmp_path / "sent.zip"
    sent.write_bytes(zipped({"a/b.csv": "0123456789", "c.csv": "0123456789"}, zipfile.ZIP_STORED))
    assert len(unpack(sent, Limits(files=2, total_bytes=20, depth=2))) == 2
    for limits in (Limits(files=1), Limits(total_bytes=19), Limits(depth=1)):
        with pytest.raises(Unreadable) as caught:
            unpack(sent, limits)
        assert caught.value.rule == "archive_too_big"


def test_an_archive_that_lies_about_its_size_is_stopped_while_it_is_unpacked(
    home: Path, tmp_path: Path
) -> None:
    honest = zipped({"a.csv": bytes(50_000)})
    declared = (50_000).to_bytes(4, "little")
    sent = tmp_path / "sent.zip"
    sent.write_bytes(honest.replace(declared, (100).to_bytes(4, "little")))
    with pytest.raises(Unreadable) as caught:
        unpack(sent)
    assert caught.value.rule == "archive_broken"


def test_the_store_reads_no_further_than_it_is_told(home: Path) -> None:
    with pytest.raises(OverflowError):
        store.keep(io.BytesIO(bytes(101)), "a", limit=100)
    assert [path for path in settings().landing.rglob("*") if path.is_file()] == []
