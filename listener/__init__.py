"""Mentions in: one file per source, each turning what its service answers into `domain.heard.mention` values."""
