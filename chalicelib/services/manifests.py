"""Kept prompts: with each reply, what it was made from and why, and the request byte for byte, for 30 days.

Keeping begins when the model's answer has begun, beside the reply, and holds nothing up. What fails is counted and
logged, and the reply stands without its explanation.
"""

import asyncio
import hashlib
import logging
import zlib
from datetime import UTC, datetime, timedelta

from chalicelib.clients.clock import Clock
from chalicelib.errors import Invalid, NotFound
from chalicelib.models.generations import GenerationRecord
from chalicelib.models.manifests import Explanation, KeptPrompt, Sending
from chalicelib.models.prompt import Prompt
from chalicelib.models.users import User
from chalicelib.providers.provider import Access, Sent
from chalicelib.services.connections import Connections
from chalicelib.services.metrics import Metrics
from chalicelib.stores.generations import GenerationStore
from chalicelib.stores.manifests import ManifestStore
from chalicelib.stores.threads import in_patient_thread

BYTES_MOST = 4_000_000
"""Of the texts and of the request, each: a function's answer holds 6 MB. Larger ones are explained without them."""
SWEEP_EVERY = timedelta(hours=1)

log = logging.getLogger("tavern.manifests")


class Manifests:
    def __init__(
        self,
        *,
        manifest_store: ManifestStore,
        generation_store: GenerationStore,
        connections: Connections,
        metrics: Metrics,
        clock: Clock,
        share: float,
        sweeps: bool,
    ) -> None:
        """`share` of the replies have their prompts kept: 1 all of them, 0 none. `sweeps` where the bucket itself does
        not delete what is old.
        """
        self._store, self._generations = manifest_store, generation_store
        self._connections = connections
        self._metrics, self._clock, self._share = metrics, clock, share
        self._sweeps, self._swept_at = sweeps, datetime.min.replace(tzinfo=UTC)

    def keeping(self, record: GenerationRecord) -> "Keeping":
        """Keeps the prompt of one reply, when it is told to."""
        # By the id, so that another worker that takes the reply over decides alike.
        chosen = zlib.crc32(record.id.encode()) < self._share * 2**32
        return Keeping(self, record, chosen=chosen)

    def explain(self, user: User, generation_id: str) -> Explanation:
        kept, request = self.get(user.id, generation_id)
        return Explanation(
            generation_id=kept.generation_id,
            kind=kept.kind,
            kept_at=kept.kept_at,
            connection=kept.sending.connection,
            model=kept.sending.model,
            samplers=kept.samplers,
            stop=kept.stop,
            messages=kept.messages,
            manifest=kept.manifest,
            request_bytes=len(request),
        )

    def request(self, user: User, generation_id: str) -> bytes:
        """The body of the request as it was sent."""
        _, request = self.get(user.id, generation_id)
        if not request:
            raise NotFound(
                "There is no request to show: the demo sends none, and very large ones are not kept.",
                code="request_not_kept",
            )
        return request

    def get(self, owner_id: str, generation_id: str) -> tuple[KeptPrompt, bytes]:
        """What was kept with a reply. Raises NotFound."""
        record = self._generations.find(owner_id, generation_id)
        try:
            if record is not None:
                return self._store.get(owner_id, record.chat_id, generation_id)
        except NotFound:
            pass
        raise NotFound(
            "What this reply was made from is not kept. Prompts are kept for 30 days, and not of replies that were "
            "imported.",
            code="prompt_not_kept",
        )

    def keep(self, record: GenerationRecord, prompt: Prompt, access: Access, request: bytes) -> None:
        """Stores what a reply is made from."""
        whole = len(request) <= BYTES_MOST and sum(len(one.content) for one in prompt.messages) <= BYTES_MOST
        kept = KeptPrompt.model_construct(
            generation_id=record.id,
            chat_id=record.chat_id,
            message_id=record.message_id,
            kind=record.kind,
            kept_at=self._clock.now(),
            sending=sending_of(access),
            messages=prompt.messages if whole else [],
            samplers=prompt.samplers.model_dump(exclude_none=True, warnings=False),
            stop=prompt.stop,
            prefill=prompt.prefill,
            begins=prompt.begins,
            speaker=prompt.speaker,
            character_name=prompt.character_name,
            user_name=prompt.user_name,
            tokens=prompt.tokens,
            manifest=prompt.manifest,
        )
        self._store.put(record.owner_id, kept, request if whole else b"")

    def repeated(self, owner_id: str, generation_id: str) -> tuple[KeptPrompt, Access, bytes]:
        """What is needed to send a request once more. Raises NotFound, Invalid (`not_repeatable`) and, when it would
        not go where it went before, Invalid (`connection_changed`).
        """
        kept, request = self.get(owner_id, generation_id)
        if not request:
            raise _not_repeatable(
                "There is no request to repeat: the demo sends none, and very large ones are not kept."
            )
        if kept.kind not in ("reply", "swipe"):
            raise _not_repeatable("Only the request of a whole reply can be repeated.")
        access = self._connections.access(owner_id, kept.sending.connection_id)
        if sending_of(access).model_copy(update={"connection": kept.sending.connection}) != kept.sending:
            raise Invalid(
                f"The connection “{kept.sending.connection}” has another address or model now. Give it back what it "
                "had, or ask for a new reply.",
                code="connection_changed",
            )
        # Somewhere else it would be another request.
        return kept, access.model_copy(update={"fallback": None}), request

    def sweep(self) -> int:
        """Deletes prompts whose time is over, now and then; how many."""
        now = self._clock.now()
        if not self._sweeps or now - self._swept_at < SWEEP_EVERY:
            return 0
        self._swept_at = now
        return self._store.sweep(now)

    def fail(self, record: GenerationRecord, error: BaseException) -> None:
        self._metrics.count("PromptsLost")
        # The kind of error only: its text might hold some of the prompt.
        log.warning("prompt not kept", extra={"generation_id": record.id, "error": type(error).__name__})


class Keeping:
    """One reply's prompt on its way into the bucket."""

    def __init__(self, manifests: Manifests, record: GenerationRecord, *, chosen: bool) -> None:
        self._manifests, self._record, self._chosen = manifests, record, chosen
        self._asked: tuple[Prompt, Access, Sent] | None = None
        self._task: asyncio.Task[None] | None = None
        self.again: bytes | None = None
        """A request that is repeated."""

    def asked(self, prompt: Prompt, access: Access) -> Sent:
        """Takes note of a request that is about to be made; what is to be told of its body."""
        sent = Sent(self.again)
        self._asked = prompt, access, sent
        return sent

    def begin(self) -> None:
        """Keeps the last request from now on, beside the reply. More calls do nothing."""
        if self._chosen and self._task is None and self._asked is not None:
            self._task = asyncio.create_task(self._keep(*self._asked))
        self._asked = None

    async def done(self) -> None:
        """Waits until it is kept, or could not be. What ended before its first word is kept now."""
        self.begin()
        if self._task is None:
            return
        await asyncio.wait({self._task})
        error = None if self._task.cancelled() else self._task.exception()
        if error is not None:
            # Whatever it is: a reply does not fail for its explanation.
            self._manifests.fail(self._record, error)

    async def _keep(self, prompt: Prompt, access: Access, sent: Sent) -> None:
        await in_patient_thread(self._manifests.keep, self._record, prompt, access, sent.body)


def _not_repeatable(message: str) -> Invalid:
    return Invalid(message, code="not_repeatable")


def sending_of(access: Access) -> Sending:
    return Sending(
        connection_id=access.connection_id,
        connection=access.connection_name,
        provider=access.kind,
        model=access.model,
        place=hashlib.sha256(access.address.encode()).hexdigest()[:32],
    )
