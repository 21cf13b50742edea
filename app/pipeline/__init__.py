"""The way of a mention: stored, understood, made a case of, counted."""
