"""REST doors, a file an area."""
