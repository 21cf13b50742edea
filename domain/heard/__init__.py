"""What people say in public, who they are, and what of it counts."""
