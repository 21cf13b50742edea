"""What must not be kept or shown, and how it is found."""
