"""The end of a reply whose worker is lost: what a living worker's end does, as far as it can be known without it.

Scripts, macros and names are done to the text as the person has them by now; the search index, the library and the
day's count hear of it. What the prompt alone knew is lost with the worker: which entries of worlds woke and so stick
or rest, and what its macros had put down. Where it went and how long it was is known if its prompt was kept.
"""

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.errors import AppError, NotFound
from chalicelib.models.frames import End, FrameError
from chalicelib.models.generations import GenerationRecord
from chalicelib.models.manifests import KeptPrompt
from chalicelib.models.prompt import FinishReason, TokenUsage
from chalicelib.prompting.tokens import counter
from chalicelib.services.endings import Endings, Told
from chalicelib.services.scenes import Scenes
from chalicelib.streaming.reading import Reading

if TYPE_CHECKING:
    from chalicelib.services.limits import Limits
    from chalicelib.stores.manifests import ManifestStore

log = logging.getLogger("tavern.lost")


class LostReplies:
    def __init__(self, *, endings: Endings, scenes: Scenes, manifest_store: "ManifestStore", limits: "Limits") -> None:
        self._endings, self._scenes, self._manifests, self._limits = endings, scenes, manifest_store, limits

    def finish(
        self, record: GenerationRecord, reading: Reading, reason: FinishReason, error: FrameError | None
    ) -> End | None:
        """Ends it with all the text its log has; None when somebody else has ended or taken it."""
        told = Told(reading.text, reading.reasoning, reading.upto, reason, error)
        if reading.text or reading.reasoning:
            told = self._as_the_living(record, told)
        end = self._endings.finish(record, told)
        if end is None:
            return None
        if told.usage is not None:
            self._limits.add_tokens(record.owner_id, told.usage.prompt_tokens + told.usage.reply_tokens)
        self._endings.note_use(record)
        return end

    def _as_the_living(self, record: GenerationRecord, told: Told) -> Told:
        """The same with what a worker knows besides the text."""
        prompt = self._kept_prompt(record)
        if prompt is not None:
            told = replace(
                told, connection=prompt.sending.connection, model=prompt.sending.model, speaker=prompt.character_name
            )
        try:
            listening = self._scenes.listen(record)
        except AppError as gone:
            # Without its character, its group or a connection nothing can be done to the text; it is kept as it came.
            log.warning("lost reply kept as it came", extra={"generation_id": record.id, "error": gone.code})
            return told
        count = counter(listening.encoding)
        usage = TokenUsage(
            prompt_tokens=prompt.tokens if prompt else 0,
            reply_tokens=count(told.text),
            reasoning_tokens=count(told.reasoning),
        )
        told = replace(told, usage=usage, encoding=listening.encoding)
        if record.repeats:
            # A request that is repeated has no scene of its own: its reply is kept as it came, whoever ends it.
            return told
        return replace(told, speaker=listening.speaker, kept=listening.kept, after=listening.after)

    def _kept_prompt(self, record: GenerationRecord) -> KeptPrompt | None:
        try:
            return self._manifests.get(record.owner_id, record.chat_id, record.id)[0]
        except NotFound:
            return None
