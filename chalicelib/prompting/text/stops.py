"""Where a text reply shall stop: at the next speaker, at a template's sequences, at a person's own strings."""

from chalicelib.prompting.text.speech import Cast, Hand


def stop_strings(cast: Cast, hand: Hand, *, continues_user: bool) -> list[str]:
    """In the order services that take only a few shall see them; each once."""
    scene, macros = cast.scene, cast.macros
    context, preferences = scene.templates.context, scene.preferences
    stops = ["\n"] if context.single_line else []
    if context.names_as_stops:
        stops += _names(cast, continues_user=continues_user)
    stops += hand.stops()
    if context.use_stops:
        stops += [f"\n{macros.expand(text)}" for text in (context.chat_start, context.example_separator) if text]
    stops += [macros.expand(text) if preferences.custom_stops_macros else text for text in preferences.custom_stops]
    return list(dict.fromkeys(filter(None, stops)))


def _names(cast: Cast, *, continues_user: bool) -> list[str]:
    user, char = f"\n{cast.user}:", f"\n{cast.char}:"
    stops = [char, user] if cast.scene.action.kind == "impersonate" else [user]
    if continues_user:
        stops.append(char)
    return stops + [f"\n{name}:" for name in cast.group if name and name != cast.char]
