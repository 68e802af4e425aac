"""What a file that cannot be used raises."""

from __future__ import annotations


class Unreadable(Exception):  # noqa: N818 - it reads as what the file is
    """A delivery, or a file of it, that cannot be used, said to whoever has to put it right.

    ``rule`` is a short code that stays the same over releases; ``what`` went wrong; ``where`` (file, row,
    column); ``action`` to take. None of the four ever holds a value out of the file, so they may be
    written to receipts, logs and reports.
    """

    def __init__(self, rule: str, what: str, where: str, action: str) -> None:
        super().__init__(rule, what, where, action)
        self.rule = rule
        self.what = what
        self.where = where
        self.action = action

    def __str__(self) -> str:
        return f"{self.what} ({self.where}). {self.action} [{self.rule}]"
