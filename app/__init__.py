"""Plug it together, and remember: command line, wiring, pipeline, desks, delivery, stores and the web."""
