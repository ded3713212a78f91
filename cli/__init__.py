"""The tools around the product: the `tavern` command, and what writes the generated files."""
