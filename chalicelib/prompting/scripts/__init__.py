"""Regex scripts, and the bounded matcher that all users' patterns run on. JavaScript's syntax, never Python's `re`.

    patterns = Patterns(clock=…, second=QuickJs)    RE2 first; what it cannot express goes to the second, or is refused
    patterns.compile("/la(m|n)p/i")                 a Pattern with `found(text)` and `matches(text)`; raises Invalid
    scripts = Scripts(list_of_RegexScript, patterns, expand=macros.expand)
    scripts.apply(text, place="reply", purpose="prompt", depth=3)      the text afterwards
    scripts.refused                                 what did not run, and the sentence why

`purpose` is "prompt" (scripts that are prompt-only), "display" (display-only) or "stored" (neither). `depth` None: the
range of depths is not looked at. Order: global, preset, character, as `source` says.
"""
