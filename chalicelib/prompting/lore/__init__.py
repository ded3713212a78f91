"""World info (lorebooks): which entries a chat wakes, in which order, where they go, and why each is in or out.

    scanned = scanning.scan(Scan(shelves=…, settings=…, messages=…, …))
    scanned.activated        Activated(shelf, entry, text) in the order they woke; `text` has its macros resolved
    scanned.timed            what sticks and rests from now on
    scanned.why()            Considered(world, entry, verdict, detail) of every entry
    placement = placing.place(scanned.activated, edit=lambda text, depth: scripts.apply(text, place="world", …))
    placement.before / after                      one text each, entries joined by line breaks
    placement.note_top / note_bottom              lists of texts, joined around the author's note
    placement.in_chat                             {(depth, role): [texts]}
    placement.examples_top / examples_bottom      lists of example texts, in their final order
    placement.outlets                             {name: text}
    placement.personality / scenario              texts of V3 decorators, to follow those card fields

Books are compiled once and kept by content.
"""
