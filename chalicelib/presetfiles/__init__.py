"""SillyTavern's settings, presets, templates, chat metadata and groups to our models. Nothing of a connection."""
