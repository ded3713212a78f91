"""Letters and classes of letters as JavaScript means them, in the words of RE2."""

SPACES = r"\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
LINE_ENDS = r"\n\r\x{2028}\x{2029}"
CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": SPACES}
CONTROLS = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
NO_SPACES = (
    r"\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}"
    r"\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}"
)
_LONG = {
    "Letter": "L", "Lowercase_Letter": "Ll", "Uppercase_Letter": "Lu", "Number": "N", "Decimal_Number": "Nd",
    "Punctuation": "P", "Symbol": "S", "Separator": "Z", "Mark": "M", "Other": "C", "Control": "Cc",
}  # fmt: skip
_SAME = (
    "L Ll Lu Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp Cc Cf Co "
    "Latin Greek Cyrillic Han Hiragana Katakana Hangul Arabic Hebrew Thai Devanagari Bopomofo Common"
)
PROPERTIES = {**_LONG, **{name: name for name in _SAME.split()}}


def literal(letter: str) -> str:
    if (letter.isalnum() and letter.isascii()) or (ord(letter) > 0xA0 and letter.isprintable()):
        return letter
    return f"\\x{{{ord(letter):x}}}"
