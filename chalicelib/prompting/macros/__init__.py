"""Macros: `{{char}}`, `{{if}}`, variables and the rest, as SillyTavern 1.19 resolves them.

`expander.Macros` is what others call:

    macros = Macros(char=…, user=…, now=…, dice=…, values={…}, variables=…, chat_hash=…, legacy=False)
    macros.expand(text)                           the text, resolved; raises Invalid beyond the limits
    macros.expand_override(override, original)    {{original}} in it once is the replaced text, later nothing
    macros.with_values({"description": …})        the same with more values (a text, or a function that makes it)
    values.of_chat(history)                       lastMessage, lastSwipeId, idleDuration … made when asked for

Values are named as SillyTavern names the macro, in any case (`description`, `group`, `charPrompt`, `instructInput`,
`maxPrompt`; an outlet's text is `outlet::NAME`): aliases are known here. A known macro without a value is "".
"""
