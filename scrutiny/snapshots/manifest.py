"""The manifest of a snapshot: every file with its SHA-256, and the check that nothing has changed."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Iterable
from pathlib import Path

MANIFEST = "MANIFEST.sha256"
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def write_manifest(folder: Path) -> None:
    """Write ``MANIFEST.sha256`` over every file below ``folder``, sorted, in the form of ``sha256sum``."""
    lines = [f"{sha256(folder / name)}  {name}\n" for name in _files(folder)]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")


def seal(folder: Path) -> str:
    """The SHA-256 of the manifest: one value that stands for every byte of a draft or version."""
    return sha256(folder / MANIFEST)


def make_read_only(folder: Path) -> None:
    """Take every write permission from a folder and all it holds."""
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)


def changed(folder: Path, names: Iterable[str]) -> list[str]:
    """What is wrong with the named files of a snapshot by its manifest; none if they are as published."""
    lines = (folder / MANIFEST).read_text(encoding="utf-8", errors="replace").splitlines()
    listed = {match[2]: match[1] for match in map(_LINE.fullmatch, lines) if match}
    missing = [name for name in names if not (folder / name).is_file()]
    return [f"{name}: missing." for name in missing] + [
        f"{name}: changed since the manifest was written."
        for name in names
        if name not in missing and listed.get(name) != sha256(folder / name)
    ]


def verify(path: Path) -> list[str]:
    """Check a draft or published version against its manifest; the problems found, none if it is whole.

    Every file must be listed and unchanged and every listed file there; in a published version nothing may
    be writable.
    """
    path = path.resolve()
    manifest = path / MANIFEST
    if not path.is_dir():
        return [f"{path} is not a snapshot: there is no such folder."]
    if not manifest.is_file():
        return [f"{MANIFEST} is missing from {path}: the snapshot cannot be checked."]
    problems = []
    listed: dict[str, str] = {}
    # Split at line feeds alone, and the last one counts: any other byte in their place is a change.
    lines = manifest.read_bytes().decode(errors="replace").split("\n")
    if lines.pop():
        problems.append(f"{MANIFEST}: does not end with a line feed.")
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if match is None or match[2] in listed:
            problems.append(f"{MANIFEST}, line {number}: not a checksum and a path of its own.")
        else:
            listed[match[2]] = match[1]
    present = _files(path)
    problems += [f"{name}: missing." for name in sorted(listed.keys() - set(present))]
    problems += [f"{name}: not in the manifest." for name in present if name not in listed]
    for name in present:
        if (path / name).is_symlink():
            problems.append(f"{name}: a link, not a file.")
        elif name in listed and sha256(path / name) != listed[name]:
            problems.append(f"{name}: changed since the manifest was written.")
    if path.name.startswith("v"):
        problems += [
            f"{found.relative_to(path.parent)}: writable; a published version is read-only."
            for found in (path, *sorted(path.rglob("*")))
            if not found.is_symlink() and found.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
        ]
    return problems


def _files(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if (path.is_symlink() or not path.is_dir()) and path != folder / MANIFEST
    )
