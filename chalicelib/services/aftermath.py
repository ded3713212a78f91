"""What a prompt leaves behind on its branch when its reply has ended: changed variables, entries that stick or rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from chalicelib.errors import Unavailable
from chalicelib.models.chats import Chat
from chalicelib.models.prompt import Prompt
from chalicelib.models.scenes import Scene, Variables
from chalicelib.models.worlds import Timed
from chalicelib.services.timing import Timing

if TYPE_CHECKING:
    from chalicelib.services.variables import VariableSets

TIMED_CHARACTERS_MOST = 60_000
"""The branch's row has them, which is written with every message."""


@dataclass(frozen=True, slots=True)
class Before:
    """How things stood before a prompt was built: macros change a scene's variables in place."""

    local: Mapping[str, Any]
    everywhere: Mapping[str, Any]

    @classmethod
    def of(cls, scene: Scene) -> Self:
        return cls(dict(scene.variables.local), dict(scene.variables.everywhere))


@dataclass(frozen=True, slots=True)
class After:
    """What is to be kept; the variables as they are at the moment they are kept."""

    chat: Chat
    branch_id: str
    before: Before
    variables: Variables
    timed: Timed | None
    """None: as before."""

    @classmethod
    def of(cls, chat: Chat, branch_id: str, scene: Scene, timing: Timing, before: Before, prompt: Prompt) -> Self:
        timed = prompt.timed
        if timed == scene.timed or (timed and len(timed.model_dump_json()) > TIMED_CHARACTERS_MOST):
            timed = None
        if timed is not None:
            timed = timing.back(timed)
        return cls(chat, branch_id, before, scene.variables, timed)


class Aftermath:
    def __init__(self, *, variables: "VariableSets") -> None:
        self._variables = variables

    def keep(self, owner_id: str, after: After) -> None:
        """Puts down the variables that were changed; nothing is written where none was.

        Quiet when too many write at once: the reply is there, and must end.
        """
        try:
            self._variables.keep(owner_id, after.chat, after.branch_id, after.before.local, after.variables.local)
            self._variables.keep(owner_id, None, None, after.before.everywhere, after.variables.everywhere)
        except Unavailable:
            return
