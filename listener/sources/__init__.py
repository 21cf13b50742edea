"""One file for each place where customers speak (its parser beside it where that is long); see registry.py."""
