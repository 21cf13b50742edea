"""The demo: a built-in scenario played through the real pipeline on a fast clock."""
