"""The published pages: what they show, how they look, when they are printed, where they go."""
