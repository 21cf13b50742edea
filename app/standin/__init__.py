"""The outside world on one machine: a Slack and a town square to try hubbub in, and for its tests to drive."""
