"""The choice of {{pick}}: the same for the same chat, text and place, and the one SillyTavern makes.

The text's hash is cyrb53 (public domain), the generator seedrandom's ARC4 (MIT); both are restated here from their
descriptions, since chats of the field carry choices made with them.
"""

_MASK = 0xFFFFFFFF
_WIDTH = 256


def text_hash(text: str, seed: int = 0) -> int:
    """53 bits of a text, over its UTF-16 units."""
    first, second = 0xDEADBEEF ^ seed, 0x41C6CE57 ^ seed
    units = text.encode("utf-16-le", "surrogatepass")
    for place in range(0, len(units), 2):
        unit = units[place] | units[place + 1] << 8
        first = (first ^ unit) * 2654435761 & _MASK
        second = (second ^ unit) * 1597334677 & _MASK
    first = (first ^ first >> 16) * 2246822507 & _MASK ^ (second ^ second >> 13) * 3266489909 & _MASK
    second = (second ^ second >> 16) * 2246822507 & _MASK ^ (first ^ first >> 13) * 3266489909 & _MASK
    return 4294967296 * (2097151 & second) + first


def fraction(seed: str) -> float:
    """The first number between 0 and 1 that a generator with this seed gives."""
    key = [0] * _WIDTH
    smear = length = 0
    for place, letter in enumerate(seed):
        smear ^= key[place & 255] * 19
        key[place & 255] = 255 & smear + ord(letter)
        length = max(length, (place & 255) + 1)
    state = _ARC4(key[:length] or [0])
    number, denominator, last = float(state.take(6)), float(_WIDTH**6), 0
    while number < 2**52:
        number = (number + last) * _WIDTH
        denominator *= _WIDTH
        last = state.take(1)
    while number >= 2**53:
        number, denominator, last = number / 2, denominator / 2, last >> 1
    return (number + last) / denominator


def picked(
    choices: int, chat_hash: int | str, text: str, offset: int, *, reroll: str = "", legacy: bool = False
) -> int:
    """Which of so many choices a macro at this place of this text makes. The engine of before knows no reroll."""
    seed = text_hash("-".join([str(chat_hash), str(text_hash(text)), str(offset), *([reroll] if reroll else [])]))
    # The engine of before seeds with a number, which ends with a zero letter: so seedrandom tells 1 from "1".
    return int(fraction(f"{seed}\0" if legacy else f"{seed}") * choices)


class _ARC4:
    def __init__(self, key: list[int]) -> None:
        self._i = self._j = 0
        self._state = list(range(_WIDTH))
        j = 0
        for i in range(_WIDTH):
            value = self._state[i]
            j = 255 & j + key[i % len(key)] + value
            self._state[i], self._state[j] = self._state[j], value
        self.take(_WIDTH)

    def take(self, count: int) -> int:
        """So many bytes as one number."""
        number = 0
        state = self._state
        for _ in range(count):
            self._i = 255 & self._i + 1
            value = state[self._i]
            self._j = 255 & self._j + value
            state[self._i], state[self._j] = state[self._j], value
            number = number * _WIDTH + state[255 & state[self._i] + value]
        return number
