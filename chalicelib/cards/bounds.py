"""How much a character file may hold. docs/decisions/0005-cards.md says why these numbers."""

from chalicelib.errors import TooLarge

FILE_BYTES_MOST = 20_000_000
"""A PNG, JSON or YAML file."""
ARCHIVE_BYTES_MOST = 100_000_000
"""A CHARX file, and all that is packed inside it."""
CARD_BYTES_MOST = 4_000_000
"""The card's JSON. It must fit into one answer of a function, which is 6 MB at most."""
YAML_BYTES_MOST = 256_000
ARCHIVE_FILES_MOST = 2_000
ARCHIVE_RATIO_MOST = 200
"""How many times larger than its packed form a file in an archive may be, above 1 MB."""
DEPTH_MOST = 64


def megabytes(count: int) -> str:
    """A size in words, as errors say it."""
    return f"{count / 1_000_000:.0f} MB" if count >= 1_000_000 else f"{count / 1_000:.0f} kB"


def check_size(size: int, most: int, what: str) -> None:
    """Raises TooLarge when `what` is above `most` bytes."""
    if size > most:
        raise TooLarge(f"{what} is {megabytes(size)}; at most {megabytes(most)} can be read.", most=most)
