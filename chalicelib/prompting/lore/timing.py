"""What time does to entries: they stick, and they rest. Time is counted in messages of the chat."""

from collections.abc import Mapping

from chalicelib.models.worlds import Timed, TimedEffect, WorldEntry


class Effects:
    """The effects that run while one prompt is made."""

    def __init__(self, timed: Timed, entries: Mapping[str, WorldEntry], length: int) -> None:
        """`entries` by their keys. What is not there, since its world is not here, only runs out."""
        self._length = length
        self.matched = set(timed.matched)
        self.cooldown = {
            key: effect for key, effect in timed.cooldown.items() if self._runs(effect, entries.get(key), "cooldown")
        }
        self.sticky: dict[str, TimedEffect] = {}
        for key, effect in timed.sticky.items():
            entry = entries.get(key)
            if self._runs(effect, entry, "sticky"):
                self.sticky[key] = effect
            elif entry is not None and entry.cooldown and self._is_over(effect):
                self.cooldown[key] = self._lasting(entry.cooldown, protected=True)

    def keep(self, woken: Mapping[str, WorldEntry], remembered: frozenset[str]) -> Timed:
        """What runs from now on. `woken` are the entries of this prompt, `remembered` those whose matches count."""
        sticky, cooldown = dict(self.sticky), dict(self.cooldown)
        for key, entry in woken.items():
            if entry.sticky:
                sticky.setdefault(key, self._lasting(entry.sticky))
            elif entry.cooldown:
                cooldown.setdefault(key, self._lasting(entry.cooldown))
        return Timed(sticky=sticky, cooldown=cooldown, matched=sorted(self.matched | remembered))

    def _runs(self, effect: TimedEffect, entry: WorldEntry | None, kind: str) -> bool:
        if self._is_over(effect):
            return False
        if entry is None:
            return True
        if self._length <= effect.start and not effect.protected:
            # The chat has not gone on: its last reply is made anew, and the effect with it.
            return False
        return bool(entry.sticky if kind == "sticky" else entry.cooldown)

    def _is_over(self, effect: TimedEffect) -> bool:
        return self._length >= effect.end

    def _lasting(self, messages: int, *, protected: bool = False) -> TimedEffect:
        return TimedEffect(start=self._length, end=self._length + messages, protected=protected)
