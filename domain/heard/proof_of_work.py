"""A small piece of work that a report from the page brings along, so that a flood costs its sender something. Pure.

As in hashcash (Back, 2002) the sender looks for a number that makes a hash begin with zero bits, and we hash once. The
page is a plain file, so nothing in it is made for one visitor: time and a random name stand in for a question of ours.
The name is good for one report. The words are not part of it: the work can then be done while they are being written.

`BLOCK` is long on purpose. A browser's WebCrypto needs as much time to start as to hash a few kilobytes, a program
does not; with 32 kB both pay for the bytes, and a flood is only as much faster as its processor.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

BITS = 10  # zero bits at the beginning: 1,024 tries on average, about a second of a slow phone (docs/status-page.md)
BLOCK = 32 * 1024  # bytes that are hashed in each try
CLOCKS = timedelta(hours=2)  # between the sender's clock and ours, either way, with the time of writing
LONGEST = 80  # characters of a proof
REPORT = "report"  # the subject of a report; of “I have this too” it is `too_subject`
_FORM = re.compile(r"(\d{9,11})\.([0-9a-f]{32})\.(\d{1,12})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proof:
    """What the page sends as `<time>.<name>.<number>`: seconds since 1970, 32 random hex digits, what was found."""

    time: int
    name: str
    number: int

    def __str__(self) -> str:
        """Write it as the page does."""
        return f"{self.time}.{self.name}.{self.number}"


def too_subject(incident_id: str) -> str:
    """Name what the work is for when somebody has the problem of an incident, too."""
    return f"too {incident_id}"


def read_proof(field: str) -> Proof | None:
    """Read the field of the form; None when it is no proof at all."""
    found = _FORM.fullmatch(field) if len(field) <= LONGEST else None
    return Proof(int(found[1]), found[2], int(found[3])) if found else None


def zero_bits(proof: Proof, subject: str) -> int:
    """Count the zero bits that the hash of a proof begins with."""
    written = f"hubbub1|{subject}|{proof}|".encode()
    digest = hashlib.sha256(written.ljust(BLOCK, b"\0")).digest()
    return 256 - int.from_bytes(digest, "big").bit_length()


def why_unproven(field: str, subject: str, now: datetime, used: Container[str]) -> str | None:
    """Say why a report counts as one without proof of work, None when its work was done.

    Args:
        field: as it was sent.
        subject: what the work has to be for.
        now: the real time, aware.
        used: the names of proofs that came before.
    """
    if not field:
        return "it brings no proof of work, as without a script"
    proof = read_proof(field)
    if proof is None:
        return "its proof of work cannot be read"
    if abs(now.timestamp() - proof.time) > CLOCKS.total_seconds():
        return "its proof of work is from another time"
    if proof.name in used:
        return "its proof of work was used before"
    if zero_bits(proof, subject) < BITS:
        return "its proof of work is too little, or for something else"
    return None


def solve(subject: str, at: datetime, name: str, bits: int = BITS) -> str:
    """Do the work, as the page's script does: for the demo and the tests."""
    proof = Proof(int(at.astimezone(UTC).timestamp()), name, 0)
    while zero_bits(proof, subject) < bits:
        proof = Proof(proof.time, proof.name, proof.number + 1)
    return str(proof)
