"""How fast the page is served: `python -m bench.serving [--seconds 5]` prints a table beside a plain nginx's.

hubbub's whole web application and an nginx with one worker serve the same folder in turn, each pinned to one core;
wrk asks from another with 16 kept connections. Needs Debian's wrk and nginx; what is missing is left out.
Where something else runs on the core, requests per wall-clock second measure that as well; requests for each second of
processor time that the server was given do not, and neither does the ratio of the two servers.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.cli.run import serve, until_told
from app.store import open_store
from app.web.server import add_site, make_web
from app.wiring import build
from bench.page import LANGUAGES, big_site
from config.secrets import Secrets
from config.settings import Settings

COMPONENTS, INCIDENTS, CONNECTIONS = 50, 100, 16
INCIDENT = f"/en/incidents/inc_{1:020x}.html"
GZIP = {"Accept-Encoding": "gzip"}  # as every browser asks
NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{ worker_connections 256; }}
http {{
  include /etc/nginx/mime.types; access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
  gzip on; gzip_types text/css text/javascript application/json application/atom+xml;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; root {folder}/site; }}
}}
"""
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


# --- the servers


def settings(folder: Path) -> Settings:
    """Give the settings of a firm with 50 components; nothing is listened to."""
    names = ({"id": f"c{n}", "names": {"en": f"Component {n}"}} for n in range(COMPONENTS))
    return Settings.model_validate({
        "brand": {"name": "Example", "languages": LANGUAGES}, "store": f"sqlite:///{folder}/bench.db",
        "components": list(names), "page": {"out_dir": str(folder / "site")}, "model": {"name": "none"},
        "web": {"public_url": "https://status.example.com"},
    })  # fmt: skip


async def serve_hubbub(folder: Path) -> None:
    """Run the web application as `hubbub run` does, and say under which port."""
    async with AsyncExitStack() as stack:
        hubbub = await build(settings(folder), Secrets(), stack, now=lambda: datetime.now(UTC))
        application = make_web(hubbub)
        add_site(application, hubbub)
        print(await serve(application, "127.0.0.1", 0, stack), flush=True)
        await until_told()


async def fill(folder: Path) -> None:
    """Store the incidents that the page shows."""
    store = await open_store(settings(folder).store)
    await store.add(*big_site(COMPONENTS, INCIDENTS).incidents)
    await store.close()


@contextmanager
def running(command: list[str], core: int) -> Iterator[subprocess.Popen[str]]:
    """Run a server on one core, and stop it."""
    pinned = ["taskset", "-c", str(core), *command]
    process = subprocess.Popen(pinned, stdout=subprocess.PIPE, text=True)  # noqa: S603
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def free_port() -> int:
    """Give a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def ask(url: str) -> str:
    """Ask once, for at most a minute until somebody answers, and give the ETag."""
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - our own server
                return str(answer.headers["ETag"])
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


# --- what is measured


@dataclass(frozen=True, slots=True)
class Found:
    """What wrk saw of one server and one kind of request."""

    rate: float  # requests a second
    p99: float  # milliseconds
    wrong: int  # answers that are none, or neither 2xx nor 3xx
    per_core: float = 0.0  # requests for each second of processor time


def read_wrk(said: str) -> Found:
    """Read what wrk prints with --latency. Raises ValueError for anything else."""
    rate, p99 = re.search(r"Requests/sec:\s+([\d.]+)", said), re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", said)
    if rate is None or p99 is None:
        raise ValueError(f"wrk said something else: {said[:200]!r}")
    errors = re.search(r"Socket errors: (.+)", said)
    wrong = [int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", said)]
    wrong += [int(n) for n in re.findall(r"\d+", errors[1])] if errors else []
    return Found(float(rate[1]), float(p99[1]) * _UNITS[p99[2]], sum(wrong))


def wrk(url: str, headers: dict[str, str], seconds: float, core: int) -> str:
    """Ask again and again from one thread; give what wrk printed."""
    asked = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    whole = max(1, round(seconds))
    command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{whole}s", "--latency", *asked, url]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603


def worked(process: int) -> float:
    """Give the seconds of processor time that a process has had."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(process: int, url: str, seconds: float, core: int) -> dict[str, Found]:
    """Ask one server for everything."""
    known = {"If-None-Match": ask(f"{url}/index.html")}
    kinds = {
        "front page": ("/index.html", {}), "front page, gzip": ("/index.html", GZIP), "incident": (INCIDENT, {}),
        "summary.json": ("/api/v2/summary.json", {}), "front page, known (304)": ("/index.html", known),
    }  # fmt: skip
    made = {}
    for name, (path, headers) in kinds.items():
        ask(url + path)
        before, begun = worked(process), time.perf_counter()
        found = read_wrk(wrk(url + path, headers, seconds, core))
        share = (worked(process) - before) / (time.perf_counter() - begun)
        made[name] = Found(found.rate, found.p99, found.wrong, found.rate / max(share, 0.001))
    return made


def table(hubbub: dict[str, Found], nginx: dict[str, Found] | None) -> Iterator[str]:
    """Write what was found as a table."""
    yield "| Request | hubbub/s | p99 ms | a core-second | nginx/s | p99 ms | a core-second | hubbub : nginx | wrong |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for name, ours in hubbub.items():
        row = [name, f"{ours.rate:,.0f}", f"{ours.p99:.1f}", f"{ours.per_core:,.0f}"]
        other = (nginx or {}).get(name)
        if other is None:
            row += ["–"] * 4
        else:
            row += [f"{other.rate:,.0f}", f"{other.p99:.1f}", f"{other.per_core:,.0f}"]
            row.append(f"1 : {other.per_core / ours.per_core:.1f}")
        yield f"| {' | '.join(row)} | {ours.wrong + (other.wrong if other else 0)} |"


def main(seconds: float) -> None:
    """Measure and print."""
    if shutil.which("wrk") is None or shutil.which("taskset") is None:
        print("wrk (or taskset) is not installed, so nothing is measured: apt-get install wrk util-linux")
        return
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asyncio.run(fill(folder))
        with running([sys.executable, "-m", "bench.serving", "--serve", name], cores[0]) as process:
            port = (process.stdout.readline() if process.stdout else "").strip()
            hubbub = measure(process.pid, f"http://127.0.0.1:{port}", seconds, cores[-1])
        print("\n".join(table(hubbub, beside(folder, seconds, cores))))


def beside(folder: Path, seconds: float, cores: list[int]) -> dict[str, Found] | None:
    """Measure nginx on the same folder; None where it is not installed."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        print("nginx is not installed, so there is nothing to compare with: apt-get install nginx-light")
        return None
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    command = [nginx, "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log"), "-p", str(folder)]
    with running(command, cores[0]) as process:
        return measure(process.pid, f"http://127.0.0.1:{port}", seconds, cores[-1])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each kind of request is asked for")
    parser.add_argument("--serve", metavar="FOLDER", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.serve:
        asyncio.run(serve_hubbub(Path(wanted.serve)))
    else:
        main(wanted.seconds)
