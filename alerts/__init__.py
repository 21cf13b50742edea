"""Towards our own people: Slack cards and actions, and a second channel when nobody looks."""
