"""Search: texts folded, packed into parts, and looked through. No clock, dice, files or network."""
