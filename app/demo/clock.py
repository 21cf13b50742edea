"""The demo's clock: simulated minutes, as fast as one likes, remembered over a kill."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.files import write_atomically


@dataclass(slots=True)
class DemoClock:
    """Gives the simulated time; stands still until `run`, which lets it go `speed` times as fast as the wall's."""

    start: datetime
    moment: datetime
    path: Path | None = None
    speed: float = 0.0
    since: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """The simulated time, to the millisecond as the stores keep it."""
        gone = timedelta(seconds=(time.monotonic() - self.since) * self.speed) if self.speed else timedelta(0)
        now = self.moment + gone
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    @property
    def minute(self) -> int:
        """Minutes since the scenario began."""
        return int((self.now() - self.start).total_seconds() // 60)

    def go_to(self, minute: int) -> None:
        """Jump to a minute (never back) and keep it for the next start."""
        self.moment = max(self.moment, self.start + timedelta(minutes=minute))
        self.keep()

    def run(self, speed: float) -> None:
        """Let the time go from here."""
        self.moment, self.since, self.speed = self.now(), time.monotonic(), speed

    def keep(self) -> None:
        """Write the time down, so that a killed demo goes on where it was."""
        if self.path is not None:
            kept = {"start": self.start.isoformat(), "moment": self.now().isoformat()}
            write_atomically(self.path, json.dumps(kept).encode(), durable=False)


def wind(path: Path | None, now: datetime, lead: timedelta) -> DemoClock:
    """Take up the clock of an earlier run, else begin so that the moment `lead` into the scenario is now."""
    if path is not None and path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        return DemoClock(datetime.fromisoformat(kept["start"]), datetime.fromisoformat(kept["moment"]), path)
    start = (now.astimezone(UTC) - lead).replace(second=0, microsecond=0)
    return DemoClock(start, start, path)
