"""Settings: one typed tree, loaded once, every problem listed at once."""
