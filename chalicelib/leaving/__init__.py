"""Leaving: the files of SillyTavern's data folder, made of what somebody has here. No clock, files or network."""
