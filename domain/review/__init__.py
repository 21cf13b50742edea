"""Looking back: what customers saw against what we said."""
