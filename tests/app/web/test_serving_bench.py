"""The measurement of the server: what wrk prints is read, what is not installed is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench.serving import INCIDENT, Found, main, read_wrk, table

SAID = """Running 5s test @ http://127.0.0.1:1/
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.36ms    1.55ms  13.42ms   77.38%
  Latency Distribution
     50%    1.74ms
     99%    {p99}
  36272 requests in 5.01s, 1.35GB read
{wrong}Requests/sec:   7245.31
Transfer/sec:    276.31MB
"""


@pytest.mark.parametrize(
    ("p99", "milliseconds"), [("7.90ms", 7.9), ("812.00us", 0.812), ("1.20s", 1200.0), ("1.00m", 60_000.0)]
)
def test_what_wrk_prints_is_read_in_milliseconds(p99: str, milliseconds: float) -> None:
    found = read_wrk(SAID.format(p99=p99, wrong=""))
    assert (found.rate, found.wrong) == (7245.31, 0)
    assert found.p99 == pytest.approx(milliseconds)


def test_answers_that_are_none_are_counted() -> None:
    wrong = "  Socket errors: connect 1, read 2, write 0, timeout 3\n  Non-2xx or 3xx responses: 40\n"
    assert read_wrk(SAID.format(p99="1.00ms", wrong=wrong)).wrong == 46


def test_anything_else_is_an_error() -> None:
    with pytest.raises(ValueError, match="unable to connect"):
        read_wrk("unable to connect to 127.0.0.1:1 Connection refused")


def test_the_ratio_is_that_of_processor_time_and_stays_out_without_nginx() -> None:
    ours, other = Found(5000, 7.9, 1, 10_000), Found(30_000, 2.0, 0, 50_000)
    assert list(table({"a": ours}, {"a": other}))[2] == (
        "| a | 5,000 | 7.9 | 10,000 | 30,000 | 2.0 | 50,000 | 1 : 5.0 | 1 |"
    )
    assert list(table({"a": ours}, None))[2] == "| a | 5,000 | 7.9 | 10,000 | – | – | – | – | 1 |"


def test_a_machine_without_wrk_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    main(1)
    assert "apt-get install wrk" in capsys.readouterr().out


@pytest.mark.slow
def test_every_kind_of_request_is_answered_rightly_under_load(capfd: pytest.CaptureFixture[str]) -> None:
    if shutil.which("wrk") is None or shutil.which("taskset") is None:
        pytest.skip("wrk or taskset is not installed")
    main(1)
    rows = [line.split(" | ") for line in capfd.readouterr().out.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 5, INCIDENT
    assert {row[-1] for row in rows} == {"0 |"}, "answers that are wrong"
    assert all(float(row[3].replace(",", "")) > 1000 for row in rows), "far less than ever measured"
