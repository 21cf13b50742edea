"""Outages from complaints: the pure, incremental detector (see docs/detection.md for what it reaches)."""

from sentiment.spikes.detector import Bucket, Reading, State, learn, minute_of, moment_of, observe, step
from sentiment.spikes.settings import BUDGETS, Budget, Leak, Sensitivity, Settings

__all__ = [
    "BUDGETS", "Bucket", "Budget", "Leak", "Reading", "Sensitivity", "Settings", "State", "learn", "minute_of",
    "moment_of", "observe", "step",
]  # fmt: skip
