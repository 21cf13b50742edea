"""`hubbub run` as a process of its own: it opens its doors, takes a report, renders, and stops when told."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ports import quiet_port

ROOT = Path(__file__).parents[3]
SETTINGS = """
brand: {{name: Acme, languages: [en, tr, fa]}}
store: sqlite:///{folder}/hubbub.db
components:
  - id: payments
    names: {{en: Payments, tr: Ödemeler, fa: پرداخت}}
    keywords: {{en: [card]}}
    kinds: [payment_billing]
sources:
  - {{type: form, name: form}}
web: {{host: 127.0.0.1, port: {port}, public_url: "http://127.0.0.1:{port}"}}
page: {{out_dir: {folder}/site}}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    folder, port = tmp_path_factory.mktemp("run"), quiet_port()
    config = folder / "hubbub.yaml"
    config.write_text(SETTINGS.format(folder=folder, port=port), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli.main", "run", "-c", str(config)], cwd=ROOT, stderr=subprocess.PIPE
    )
    url = f"http://127.0.0.1:{port}"
    wait_for(f"{url}/healthz", process)
    yield url, process, config
    process.kill()
    process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until an address answers."""
    end = time.monotonic() + 90
    while time.monotonic() < end:
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        try:
            get(url)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"{url} did not answer")


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; a minute is more than enough."""
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.3)


def get(url: str) -> str:
    """Read an address."""
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - loopback
        return str(answer.read().decode())


def test_the_page_its_feed_and_its_api_answer(running: tuple[str, subprocess.Popen[bytes], Path]) -> None:
    url, _, _ = running
    assert "Acme" in get(f"{url}/")
    assert 'dir="rtl"' in get(f"{url}/fa/")
    assert "<feed" in get(f"{url}/history.atom")
    summary = json.loads(get(f"{url}/api/v2/summary.json"))
    assert summary["status"]["indicator"] == "none"
    assert [component["name"] for component in summary["components"]] == ["Payments"]


def test_a_report_from_the_form_waits_on_the_desk(running: tuple[str, subprocess.Popen[bytes], Path]) -> None:
    url, _, config = running
    body = urllib.parse.urlencode({"text": "my card was declined", "language": "en", "component": "payments"})
    with urllib.request.urlopen(f"{url}/report", data=body.encode(), timeout=20) as answer:  # noqa: S310 - loopback
        assert answer.url.endswith("/en/thanks.html")
    wait_until(lambda: "hubbub_cases_waiting 1.0" in get(f"{url}/metrics"))
    assert config.exists()


def test_without_a_session_the_desk_asks_to_sign_in(running: tuple[str, subprocess.Popen[bytes], Path]) -> None:
    assert "Sign in" in get(f"{running[0]}/desk")


def test_the_same_port_twice_is_one_clear_sentence(running: tuple[str, subprocess.Popen[bytes], Path]) -> None:
    _, _, config = running
    second = subprocess.run(
        [sys.executable, "-m", "app.cli.main", "run", "-c", str(config)], cwd=ROOT, capture_output=True, timeout=90
    )
    assert second.returncode == 2
    assert second.stderr.decode().count("Traceback") == 0
    assert "cannot be opened" in second.stderr.decode()


def test_the_doctor_names_the_process_that_does_the_rounds(
    running: tuple[str, subprocess.Popen[bytes], Path],
) -> None:
    _, process, config = running
    done = subprocess.run(
        [sys.executable, "-m", "app.cli.main", "doctor", "-c", str(config)], cwd=ROOT, capture_output=True, timeout=90
    )
    assert f"(process {process.pid}) does them since" in done.stdout.decode()


def test_render_writes_the_page_of_what_is_stored(
    running: tuple[str, subprocess.Popen[bytes], Path], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli.main", "render", "-c", str(running[2]), str(tmp_path / "out")],
        cwd=ROOT, capture_output=True, timeout=90,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert "Acme" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_a_second_one_keeps_its_doors_open_and_takes_over_when_the_first_is_killed(tmp_path: Path) -> None:
    places = {quiet_port(): tmp_path / name for name in ("first", "second")}
    processes = []
    for port, folder in places.items():
        folder.mkdir()
        config = folder / "hubbub.yaml"
        shared = SETTINGS.replace("{folder}/hubbub.db", f"{tmp_path}/hubbub.db")
        config.write_text(shared.format(folder=folder, port=port), encoding="utf-8")
        command = [sys.executable, "-m", "app.cli.main", "run", "-c", str(config)]
        with (folder / "said").open("wb") as said:
            processes.append(subprocess.Popen(command, cwd=ROOT, stderr=said))
        wait_for(f"http://127.0.0.1:{port}/healthz", processes[-1])
        wait_until(lambda port=port: "lease_left_seconds -" not in get(f"http://127.0.0.1:{port}/metrics"))  # type: ignore[misc]
    first, second = processes
    try:
        url = f"http://127.0.0.1:{list(places)[1]}"
        assert f"(process {first.pid}) does the rounds since" in (tmp_path / "second" / "said").read_text()
        body = urllib.parse.urlencode({"text": "my card was declined", "language": "en", "component": "payments"})
        first.send_signal(signal.SIGSTOP)  # what the second takes in waits for whoever leads
        with urllib.request.urlopen(f"{url}/report", data=body.encode(), timeout=20) as answer:  # noqa: S310 - loopback
            assert answer.status == 200
        wait_until(lambda: "hubbub_mentions 1.0" in get(f"{url}/metrics"))
        assert "hubbub_cases_waiting 0.0" in get(f"{url}/metrics")  # counted together, up to 15 seconds later
        first.kill()
        first.wait()
        wait_until(lambda: "hubbub_cases_waiting 1.0" in get(f"{url}/metrics"))
        second.send_signal(signal.SIGTERM)
        assert second.wait(timeout=20) == 0
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_it_stops_cleanly_when_told(running: tuple[str, subprocess.Popen[bytes], Path]) -> None:
    _, process, _ = running
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    said = process.stderr.read().decode() if process.stderr else ""
    assert "Traceback" not in said
