"""Long work that a queue does: imports, exports, deletions; and the orders that lie in the queues."""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from chalicelib.models.shapes import Held, Instant

JobKind = Literal["import_file", "export_account", "export_folder", "delete_account", "export_character", "move_in"]


class ReportLine(Held):
    """What became of one item."""

    name: str
    outcome: Literal["taken", "changed", "left_out"]
    note: str = ""
    id: str | None = None
    """The id of what it became."""
    code: str | None = None


class Job(Held):
    id: str
    kind: JobKind
    status: Literal["queued", "running", "done", "failed"]
    done: int = 0
    total: int | None = None
    report: list[ReportLine] = []
    error: str | None = None
    code: str | None = None
    result: dict[str, Any] = {}
    created_at: Instant
    updated_at: Instant


class GenerationOrder(Held):
    """What a message in the generation queue says."""

    owner_id: str
    generation_id: str
    order: Literal["generation"] = "generation"
    correlation_id: str = ""
    """Of the request that sent the order."""
    ahead: list[tuple[str, str]] = []
    """Rows that the reply will most likely need. A hint, to read them all at once: nothing rests on it."""
    newest: tuple[str, str, int] | None = None
    """The chat, the segment and the last position of the newest messages: as much of a hint."""


class JobOrder(Held):
    """What a message in the job queue says."""

    owner_id: str
    job_id: str
    order: Literal["job"] = "job"
    arguments: dict[str, Any] = Field(default_factory=dict)


class IndexOrder(Held):
    """What a message in the job queue says when texts of a chat are new, changed or gone."""

    owner_id: str
    order: Literal["index"] = "index"
    chat_id: str | None = None
    """None: only the messages of older chats that the index does not know yet."""
    message_ids: list[str] = []
    """Messages that may read otherwise now. What is new at the end of a branch is found without."""


QueuedOrder = TypeAdapter[JobOrder | IndexOrder](Annotated[JobOrder | IndexOrder, Field(discriminator="order")])
