"""Counting the tokens of texts that somebody is writing."""

from chalicelib.models.presets import TextsToCount, TokenCounts
from chalicelib.prompting.tokens import counter


class Counting:
    def count(self, asked: TextsToCount) -> TokenCounts:
        """In the order of the texts, as they are: macros are not resolved."""
        count = counter(asked.tokenizer)
        return TokenCounts(tokens=[count(text) for text in asked.texts])
