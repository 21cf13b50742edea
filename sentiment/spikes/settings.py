"""What the outage detector may be told: a sensitivity, a minimum of people, and the classifier's leak."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sensitivity(StrEnum):
    """The one knob of a team: how many false alarms it accepts for an earlier warning."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Budget:
    """Scores from which a rise is noted (`watch`) and from which it pages (`page`)."""

    watch: float
    page: float


# Measured on seeds 1-5 of the bench (docs/detection.md): false alarms per component and 30 days.
BUDGETS = {
    Sensitivity.LOW: Budget(watch=10.2, page=13.0),  # watch .25, page under .1
    Sensitivity.NORMAL: Budget(watch=8.0, page=10.2),  # watch 1, page .25
    Sensitivity.HIGH: Budget(watch=6.3, page=8.0),  # watch 4, page 1
}


@dataclass(frozen=True, slots=True)
class Leak:
    """Share of posts about something else that the classifier calls an outage; about 1.3 x its validated rates.

    Too high costs almost nothing, too low costs alarms in every campaign.
    """

    complaint: float = 0.13
    neutral: float = 0.013
    duplicate: float = 0.05


@dataclass(frozen=True, slots=True)
class Settings:
    """How one component is watched."""

    sensitivity: Sensitivity = Sensitivity.NORMAL
    minimum_people: int = 3
    warm_up_minutes: int = 7 * 1440
    warm_up_mentions: int = 50
    leak: Leak = Leak()

    @property
    def bears_out(self) -> float:
        """The score from which a stream bears out what another one says: it would be worth a look by itself.

        At the usual sensitivity chance alone reaches it in fewer than one of 1,000 hours, half of it in one of 15: too
        often, for somebody who waits for such an hour (Poisson streams of 0.005 to 1 report a minute, 16 days each).
        """
        return self.budget.watch

    @property
    def budget(self) -> Budget:
        """The two thresholds of the chosen sensitivity."""
        return BUDGETS[self.sensitivity]
