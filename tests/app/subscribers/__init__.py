"""Subscribers: sign-up, mailings, bounces, and what reaches whom."""
