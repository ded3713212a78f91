"""Worlds for tests: an emulated AWS, a real Redis, people who call the REST doors."""
