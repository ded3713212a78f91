"""Files of worlds: SillyTavern's world info, and the books inside cards."""
