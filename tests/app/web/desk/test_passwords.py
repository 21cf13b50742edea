"""Passwords and the waits after wrong ones."""

from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher, extract_parameters

from app.web.desk.passwords import BUSY_S, FORGET_S, KEPT, LONGEST_S, MOST_WAITING, Attempts, Passwords

HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
KEY = ("ana", "10.0.0.1")


@pytest.mark.parametrize(("failures", "wait"), [(0, 0), (2, 0), (3, 2), (4, 4), (5, 8), (30, LONGEST_S)])
def test_the_wait_doubles_up_to_a_quarter_of_an_hour(failures: int, wait: float) -> None:
    attempts = Attempts()
    for _ in range(failures):
        attempts.count(KEY, 100.0)
    assert attempts.wait_s(KEY, 100.0) == wait
    assert attempts.wait_s(("bora", "10.0.0.1"), 100.0) == 0


def test_an_hour_of_quiet_forgives() -> None:
    attempts = Attempts()
    for _ in range(9):
        attempts.count(KEY, 0.0)
    attempts.count(KEY, FORGET_S + 1)
    assert attempts.wait_s(KEY, FORGET_S + 1) == 0


def test_memory_of_failures_is_bounded() -> None:
    attempts = Attempts()
    for number in range(KEPT + 50):
        attempts.count((f"n{number}", "a"), 0.0)
    assert len(attempts.seen) == KEPT


async def test_a_hundred_tries_at_once_gain_nothing() -> None:
    passwords = Passwords({"Ana": HASHER.hash("right")}, lambda: 0.0)
    answers = await asyncio.gather(*[passwords.check("Ana", f"guess {n}", "a") for n in range(100)])
    assert sum(wait == 0 for _, wait in answers) == 3
    assert not any(right for right, _ in answers)


async def test_many_invented_names_keep_nobody_waiting_for_minutes() -> None:
    passwords = Passwords({"Ana": HASHER.hash("right")}, lambda: 0.0)
    answers = await asyncio.gather(*[passwords.check(f"name {n}", "guess", "a") for n in range(100)])
    assert [wait for _, wait in answers] == [0] * MOST_WAITING + [BUSY_S] * (100 - MOST_WAITING)
    assert await passwords.check("Ana", "right", "a") == (True, 0), "once they are through, she comes in"


async def test_an_unknown_name_is_checked_against_a_hash_as_slow_as_the_known_ones() -> None:
    known = HASHER.hash("right")
    passwords = Passwords({"Ana": known}, lambda: 0.0)
    assert extract_parameters(passwords.nobody) == extract_parameters(known)
    assert await passwords.check("Nobody", "right", "a") == (False, 0)
    assert await passwords.check("Ana", "right", "a") == (True, 0)


async def test_without_users_nobody_comes_in() -> None:
    assert await Passwords({}, lambda: 0.0).check("", "", "a") == (False, 0)


async def test_a_broken_hash_in_the_settings_lets_nobody_in() -> None:
    passwords = Passwords({"Ana": "$argon2id$broken"}, lambda: 0.0)
    assert await passwords.check("Ana", "x", "a") == (False, 0)


def test_hashes_stay_out_of_logs() -> None:
    assert "argon2id" not in repr(Passwords({"Ana": "$argon2id$x"}, lambda: 0.0))
