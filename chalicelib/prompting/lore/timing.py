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
            elif entry is not None and entry.sticky and entry.cooldown and self._went_on(effect):
                self.cooldown[key] = self._lasting(entry.cooldown, protected=True)

    def keep(self, woken: Mapping[str, WorldEntry], remembered: frozenset[str]) -> Timed:
        """What runs from now on. `woken` are the entries of this prompt, `remembered` those whose matches count."""
        sticky, cooldown = dict(self.sticky), dict(self.cooldown)
        for key, entry in woken.items():
            if entry.sticky:
                sticky.setdefault(key, self._lasting(entry.sticky))
            if entry.cooldown:
                # It rests already while it sticks: its group is told so. When it sticks no longer, it rests anew.
                cooldown.setdefault(key, self._lasting(entry.cooldown))
        return Timed(sticky=sticky, cooldown=cooldown, matched=sorted(self.matched | remembered))

    def _runs(self, effect: TimedEffect, entry: WorldEntry | None, kind: str) -> bool:
        if not self._went_on(effect) or self._length >= effect.end:
            return False
        return entry is None or bool(entry.sticky if kind == "sticky" else entry.cooldown)

    def _went_on(self, effect: TimedEffect) -> bool:
        """False when the chat's last reply is made anew, and the effect with it."""
        return self._length > effect.start or effect.protected

    def _lasting(self, messages: int, *, protected: bool = False) -> TimedEffect:
        return TimedEffect(start=self._length, end=self._length + messages, protected=protected)
