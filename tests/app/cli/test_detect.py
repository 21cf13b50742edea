from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest

from app.cli.detect import detect
from domain.errors import ConfigError
from sentiment.spikes import Bucket, moment_of
from tests.sentiment.streams import DAY, MONDAY, ordinary

HEADER = "time,outage,complaint,neutral,duplicate"


def run(lines: Iterable[str], *, volume: bool = False, sensitivity: str = "normal") -> list[str]:
    written: list[str] = []
    detect(lines, written.append, volume=volume, sensitivity=sensitivity)
    return "".join(written).splitlines()


def csv_of(buckets: Iterable[Bucket], regions: bool = False) -> Iterator[str]:
    yield HEADER + (",region:a,region:b\n" if regions else "\n")
    for minute, outage, complaint, neutral, duplicate, *_ in buckets:
        tail = f",{outage},0" if regions else ""
        yield f"{moment_of(minute):%Y-%m-%dT%H:%M:%S},{outage},{complaint},{neutral},{duplicate}{tail}\n"


def trouble(i: int, bucket: Bucket) -> Bucket:
    return bucket._replace(outage=bucket.outage + (2 if 8 * DAY + 60 <= i < 8 * DAY + 150 else 0))


@pytest.mark.parametrize("regions", [False, True])
def test_one_row_out_for_each_row_in_and_the_outage_opens(regions: bool) -> None:
    rows = [line.split(",") for line in run(csv_of(ordinary(8 * DAY + 300, change=trouble), regions))]
    assert rows[0] == ["time", "score", "state", "expected"]
    assert len(rows) == 8 * DAY + 301
    assert rows[1][0] == f"{moment_of(MONDAY):%Y-%m-%dT%H:%M:%S}"
    states = [row[2] for row in rows[1:]]
    assert set(states) >= {"warming", "quiet", "open", "recovering", "closed"}
    assert 8 * DAY + 60 <= states.index("open") <= 8 * DAY + 70
    assert max(float(row[1]) for row in rows[1 : 7 * DAY]) == 0
    assert all(float(row[3]) > 0 for row in rows[1:])


def test_rows_are_written_while_they_arrive() -> None:
    written: list[str] = []

    def lines() -> Iterator[str]:
        yield HEADER + "\n"
        yield "2026-03-01T00:00,0,0,5,0\n"
        assert len(written) == 2
        yield "2026-03-01T00:01,0,0,5,0\n"

    detect(lines(), written.append)
    assert len(written) == 3


def test_volume_gives_a_notice_and_no_state() -> None:
    start = moment_of(MONDAY)
    rows = [f"{start + timedelta(minutes=5 * i):%Y-%m-%d %H:%M:%S},{40 if i < 1000 else 400}" for i in range(1050)]
    out = [line.split(",") for line in run(["time,value", *rows], volume=True)]
    assert out[0] == ["time", "score", "notice"]
    assert [i for i, row in enumerate(out[1:]) if row[2] == "1"] == [1000]
    assert all(float(row[1]) >= 0 for row in out[1:])


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([], "Line 1: no header; expected time,outage,complaint,neutral,duplicate."),
        (["time,outage,complaint,neutral"], "Line 1: the column 'duplicate' is missing."),
        (
            [HEADER + ",colour"],
            "Line 1: the column 'colour' is unknown; expected time,outage,complaint,neutral,duplicate.",
        ),
        ([HEADER + ",outage"], "Line 1: the column 'outage' is there twice."),
        ([HEADER, "2026-03-01T00:00,1,2,3"], "Line 2: 4 values, but the header names 5."),
        ([HEADER, "yesterday,1,2,3,4"], "Line 2: time must look like 2026-03-01T12:00, not 'yesterday'."),
        (
            [HEADER, "2026-03-01T00:00,1,2,3,4", "2026-03-01T00:01,1,x,3,4"],
            "Line 3: complaint must be a number, not 'x'.",
        ),
        ([HEADER, "2026-03-01T00:00,-1,2,3,4"], "Line 2: outage must be a count from 0, not '-1'."),
        ([HEADER, "2026-03-01T00:00,nan,2,3,4"], "Line 2: outage must be a count from 0, not 'nan'."),
    ],
)
def test_a_bad_header_or_row_is_one_clear_sentence_with_its_line(lines: list[str], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        run(lines)
    assert str(caught.value) == problem


def test_an_unknown_sensitivity_is_refused() -> None:
    with pytest.raises(ConfigError, match="low, normal or high"):
        run([HEADER], sensitivity="paranoid")


@pytest.mark.parametrize(
    "time", ["2026-03-01T00:00Z", "2026-03-01 00:00:00+03:30", "1772323200", "2026-03-01T00:00:00.000"]
)
def test_usual_ways_to_write_a_time_are_read_and_given_back_as_they_came(time: str) -> None:
    assert run(["\ufeff" + HEADER, f"{time},0,1,5,0"])[1].split(",")[0] == time


def test_covariates_that_dip_below_zero_count_as_none() -> None:
    rows = run([HEADER, "2026-03-01T00:00,0,-1,-2,-1"])
    assert rows[1:] == run([HEADER, "2026-03-01T00:00,0,0,0,0"])[1:]


def test_blank_lines_are_skipped_and_whole_numbers_with_a_point_are_counts() -> None:
    assert len(run([HEADER, "", "2026-03-01T00:00,1.0,2,3,0", ""])) == 2
