"""What leaves the building: sent once, corrected, withdrawn, stopped."""
