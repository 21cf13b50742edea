"""Answering people: cases, follow-ups, and what they answer."""
