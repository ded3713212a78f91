"""Pure: character files in and out."""
