"""Files of regex scripts."""
