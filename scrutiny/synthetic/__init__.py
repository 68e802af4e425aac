"""A synthetic authority: invented lives, written as extracts in the real file formats.

:func:`write_extracts` fills an inbox; ``scenario.toml`` tells the story and holds every rate;
:func:`canaries` lists the personal values that must never be found after staging; :func:`defects` lists the
dirty rows planted on purpose.
"""

from scrutiny.synthetic.extracts import Authority, authorities, simulate, write_extracts, write_month
from scrutiny.synthetic.people import canaries
from scrutiny.synthetic.scenario import Defect, defects

__all__ = [
    "Authority",
    "Defect",
    "authorities",
    "canaries",
    "defects",
    "simulate",
    "write_extracts",
    "write_month",
]
