"""Opens zip archives without trusting them: limits on names, number, size and compression, no nesting."""

from __future__ import annotations

import errno
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from scrutiny.datasets import Unreadable
from scrutiny.datasets.workbooks import EXTENSIONS as WORKBOOKS
from scrutiny.landing import store
from scrutiny.landing.receipts import StoredFile

_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NESTED = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ")


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold. A real return of a large county stays far below each of these."""

    files: int = 100
    total_bytes: int = 4 << 30
    ratio: int = 200
    depth: int = 4


LIMITS = Limits()


def is_archive(path: Path) -> bool:
    """Whether a file is sent as an archive; its name decides, so that a renamed one is still refused."""
    return path.suffix.lower() == ".zip"


def unpack(path: Path, limits: Limits = LIMITS) -> tuple[StoredFile, ...]:
    """Store every file of a zip archive, in order of name; hidden files are passed over.

    Nothing is written under the names in the archive, only under hashes. Raises Unreadable if the archive
    is broken, encrypted or nested, exceeds a limit or holds a name that would leave its folder.
    """
    try:
        with path.open("rb") as source:
            return _unpack(source, path, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise Unreadable(
            "archive_broken",
            "The archive cannot be opened",
            path.name,
            "Pack the files again as a plain zip archive and send it whole.",
        ) from error


def _unpack(source: BinaryIO, path: Path, limits: Limits) -> tuple[StoredFile, ...]:
    with zipfile.ZipFile(source) as archive:
        for member in archive.infolist():
            _check_name(member, path.name, limits)
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) > limits.files:
            raise _too_much(path.name, f"more than {limits.files} files")
        names = [member.filename.casefold() for member in members]
        if len(set(names)) < len(names):
            raise _bad_name(path.name, "holds the same name twice")
        packed = max(path.stat().st_size, 1)
        if sum(member.file_size for member in members) > min(limits.total_bytes, limits.ratio * packed):
            raise _too_much(path.name, "more than the limits on size and compression allow")
        left = min(limits.total_bytes, limits.ratio * packed)
        wanted = [
            member
            for member in sorted(members, key=lambda member: member.filename)
            if not any(part.startswith((".", "__MACOSX")) for part in member.filename.split("/"))
        ]
        # Everything is looked at before anything is stored: of a refused archive no file stays behind.
        if not _is_whole(archive):
            raise zipfile.BadZipFile
        for member in wanted:
            with archive.open(member) as content:
                is_archive_too = content.read(8).startswith(_NESTED)
            if is_archive_too and Path(member.filename).suffix.lower() not in WORKBOOKS:
                raise Unreadable(
                    "archive_nested",
                    "The archive holds another archive",
                    path.name,
                    "Pack the extract's files themselves, not archives of them.",
                )
        files = []
        for member in wanted:
            with archive.open(member) as content:
                stored = store.keep(content, member.filename, left)
            left -= stored.size_bytes
            files.append(stored)
    return tuple(files)


def _is_whole(archive: zipfile.ZipFile) -> bool:
    """Whether every file in the archive can be unpacked and has the size and checksum its list says."""
    try:
        return archive.testzip() is None
    except OSError as error:
        if error.errno == errno.EINVAL:  # the list sends the reader to a place before the file's beginning
            return False
        raise


def _check_name(member: zipfile.ZipInfo, archive: str, limits: Limits) -> None:
    # orig_filename: zipfile cuts names at a NUL and turns backslashes round before we see them
    name = member.orig_filename
    parts = re.split(r"[/\\]", name.removesuffix("/"))
    if not name or parts[0] == "" or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
        raise _bad_name(archive, "holds a name that leads out of its folder")
    if any(ord(character) < 32 for character in name):
        raise _bad_name(archive, "holds a name with control characters")
    if len(parts) > limits.depth:
        raise _too_much(archive, f"folders more than {limits.depth} deep")
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFDIR if member.is_dir() else stat.S_IFREG):
        raise _bad_name(archive, "holds a link or a device")
    if member.compress_type not in _METHODS:
        raise Unreadable(
            "archive_method",
            "The archive is packed in an unusual way",
            archive,
            "Pack the files again as a plain zip archive (stored or deflated).",
        )
    if member.flag_bits & _ENCRYPTED:
        raise Unreadable(
            "archive_encrypted",
            "The archive is encrypted",
            archive,
            "Send the archive without a password, by the agreed secure route.",
        )


def _bad_name(archive: str, what: str) -> Unreadable:
    return Unreadable(
        "archive_name",
        f"The archive {what}",
        archive,
        "Pack the extract's files again with plain names; find out who made this archive.",
    )


def _too_much(archive: str, what: str) -> Unreadable:
    return Unreadable(
        "archive_too_big",
        f"The archive holds {what}",
        archive,
        "Pack only the files of one extract; if it really is this big, ask for the limits to be raised.",
    )
