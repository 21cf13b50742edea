"""Slack: cards that stay true, and what people press and write there."""
