"""Signals, incidents and planned work: what happens to the service."""
