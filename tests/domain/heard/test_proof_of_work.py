"""Work that a report brings along: what is accepted, what is not, and with which reason."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest

from domain.heard.proof_of_work import (
    BITS,
    BLOCK,
    CLOCKS,
    REPORT,
    Proof,
    read_proof,
    solve,
    too_subject,
    why_unproven,
    zero_bits,
)
from tests.domain.make import NOW

NAME = "0123456789abcdef" * 2
PROOF = solve(REPORT, NOW, NAME)
MINUTE = timedelta(minutes=1)


def test_work_that_was_done_is_accepted() -> None:
    assert why_unproven(PROOF, REPORT, NOW, set()) is None


@pytest.mark.parametrize("off", [CLOCKS - MINUTE, MINUTE - CLOCKS], ids=["slow clock", "fast clock"])
def test_clocks_may_differ(off: timedelta) -> None:
    assert why_unproven(PROOF, REPORT, NOW + off, set()) is None


@pytest.mark.parametrize(
    ("proof", "subject", "late", "used", "why"),
    [
        ("", REPORT, timedelta(), False, "it brings no proof of work, as without a script"),
        ("nonsense", REPORT, timedelta(), False, "its proof of work cannot be read"),
        (PROOF + " ", REPORT, timedelta(), False, "its proof of work cannot be read"),
        (PROOF.replace("a", "A"), REPORT, timedelta(), False, "its proof of work cannot be read"),
        ("\u0661" * 10 + f".{NAME}.1", REPORT, timedelta(), False, "its proof of work cannot be read"),
        ("1." * 1000, REPORT, timedelta(), False, "its proof of work cannot be read"),
        (PROOF, REPORT, CLOCKS + MINUTE, False, "its proof of work is from another time"),
        (PROOF, REPORT, -CLOCKS - MINUTE, False, "its proof of work is from another time"),
        (f"{10**11 - 1}.{NAME}.1", REPORT, timedelta(), False, "its proof of work is from another time"),
        (PROOF, REPORT, timedelta(), True, "its proof of work was used before"),
        (PROOF, too_subject("inc_1"), timedelta(), False, "its proof of work is too little, or for something else"),
        (PROOF.replace(NAME, NAME[::-1]), REPORT, timedelta(), False,
         "its proof of work is too little, or for something else"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_its_reason(
    proof: str, subject: str, late: timedelta, used: bool, why: str
) -> None:
    assert why_unproven(proof, subject, NOW + late, {NAME} if used else set()) == why


def test_too_little_work_is_too_little() -> None:
    easy = (solve(REPORT, NOW, secrets.token_hex(16), bits=4) for _ in range(200))
    assert any(why_unproven(proof, REPORT, NOW, set()) is not None for proof in easy)


def test_a_proof_reads_as_it_was_written() -> None:
    proof = read_proof(PROOF)
    assert proof is not None
    assert str(proof) == PROOF
    assert zero_bits(proof, REPORT) >= BITS


def test_the_number_stands_at_the_beginning_so_that_no_part_of_a_try_can_be_saved() -> None:
    subject = too_subject("inc_" + "0" * 20)
    written = f"hubbub1|{subject}|{Proof(10**10, NAME, 10**11)}|"
    assert len(written) < BLOCK / 64, "a hash works in blocks of 64 bytes, and nearly all of them come after the number"
