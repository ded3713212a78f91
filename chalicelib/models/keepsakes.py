"""Keepsakes: files of other programs that nothing here uses yet, kept whole for the way back."""

from chalicelib.models.shapes import Held, Instant


class Keepsake(Held):
    id: str
    folder: str
    """The folder of SillyTavern's that it came from: `themes`, `backgrounds` …; `settings` for its settings."""
    name: str
    """Of the file."""
    key: str
    bytes: int
    created_at: Instant
