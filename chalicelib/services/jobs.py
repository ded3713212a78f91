"""Long work: a row says how far it is, a queue has it done, and neither a restart nor a second delivery does it twice.

Who does a kind of work is in the container's table: a function from `Work` to `Outcome`. It may be called again for the
same job, so it must be able to go on where it stopped.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.errors import AppError, NotFound, Unavailable
from chalicelib.models.jobs import Job, JobKind, JobOrder, ReportLine

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.clients.queue import Queue
    from chalicelib.stores.files import Files
    from chalicelib.stores.jobs import JobStore

ATTEMPTS_MOST = 2
LEASE_SECONDS = 120
"""Who works on a job reports at least this often, or somebody else takes it."""
PROGRESS_SECONDS = 1.0
KEPT_DAYS = 7
_RESEND_SECONDS = 30
_SWEPT_AT_ONCE = 100
_UNDER_WAY = ("queued", "running")


Progress = Callable[[int, int | None], None]
"""Called with (done, total) as often as one likes: it writes once a second, and keeps the job in our hands."""


class Work(NamedTuple):
    """A job as its handler sees it."""

    owner_id: str
    job_id: str
    arguments: Mapping[str, Any]
    progress: Progress


class Outcome(NamedTuple):
    report: list[ReportLine] = []
    result: dict[str, Any] = {}
    """A file that was made is given by `key` and `filename`; who asks for the job gets a Download instead."""
    unfinished: bool = False
    """Whether it is to go on in another run: a function may take 15 minutes."""


Handler = Callable[[Work], Outcome]


class Jobs:
    def __init__(
        self,
        *,
        store: "JobStore",
        queue: "Queue",
        files: "Files",
        clock: "Clock",
        handlers: Callable[[], Mapping[JobKind, Handler]],
    ) -> None:
        """`handlers` is asked when the first job runs: it needs half of the product."""
        self._store, self._queue, self._files, self._clock = store, queue, files, clock
        self._handlers = handlers

    def start(self, user_id: str, kind: JobKind, arguments: Mapping[str, Any], *, job_id: str | None = None) -> Job:
        """A queued job. With a `job_id` that exists already, that job as it is."""
        now = self._clock.now()
        job = Job(id=job_id or self._clock.new_id(), kind=kind, status="queued", created_at=now, updated_at=now)
        if not self._store.add(user_id, job, dict(arguments), expires_at=now + timedelta(days=KEPT_DAYS)):
            return self._store.get(user_id, job.id)
        self._queue.send_job(JobOrder(owner_id=user_id, job_id=job.id, arguments={}))
        return job

    def start_alone(self, user_id: str, kind: JobKind) -> Job:
        """The job of this kind that is under way, else a new one: each writes a whole account into the bucket."""
        under_way = (job for job in self._store.list(user_id) if job.kind == kind and job.status in _UNDER_WAY)
        return next(under_way, None) or self.start(user_id, kind, {})

    def get(self, user_id: str, job_id: str) -> Job:
        """A job; a file it made can be fetched for an hour from now. Raises NotFound."""
        return self._with_download(self._store.get(user_id, job_id))

    def run(self, order: JobOrder) -> None:
        """Does an order, unless it is done or in somebody's hands.

        Raises Unavailable when it may be tried again; after any other error the door calls `break_off`.
        """
        now = self._clock.now()
        claim = self._store.claim(order.owner_id, order.job_id, now=now, lease_until=_lease(now))
        if claim is None:
            return
        if claim.attempt > ATTEMPTS_MOST:
            self._fail(order, "This took too long or was broken off twice. Start it again.", "interrupted")
            return
        work = Work(order.owner_id, order.job_id, claim.arguments, _Throttled(self._store, self._clock, order))
        try:
            outcome = self._handlers()[claim.kind](work)
        except AppError as error:
            if isinstance(error, Unavailable) and claim.attempt < ATTEMPTS_MOST:
                raise
            self._fail(order, error.message, error.code)
            return
        if outcome.unfinished:
            if self._store.hand_over(order.owner_id, order.job_id, now=self._clock.now()):
                self._queue.send_job(order)
            return
        self._store.finish(
            order.owner_id, order.job_id, report=outcome.report, result=outcome.result, now=self._clock.now()
        )

    def break_off(self, order: JobOrder) -> None:
        """After trouble: the next delivery tries once more, and the second time the person is told."""
        attempts = self._store.release(order.owner_id, order.job_id, now=self._clock.now())
        if attempts >= ATTEMPTS_MOST:
            message = "Something went wrong on our side, twice. What was there before is unchanged."
            self._fail(order, message, "internal")

    def sweep(self, now: datetime) -> None:
        """Sends unfinished jobs again that nobody has in hand: the order was lost, or the worker died."""
        waited = now - timedelta(seconds=_RESEND_SECONDS)
        for owner_id, job_id in self._store.list_stale(before=waited, now=now, limit=_SWEPT_AT_ONCE):
            self._queue.send_job(JobOrder(owner_id=owner_id, job_id=job_id, arguments={}))

    def list(self, user_id: str) -> list[Job]:
        """The newest 50, newest first."""
        return [self._with_download(job) for job in self._store.list(user_id)]

    def _with_download(self, job: Job) -> Job:
        if "key" not in job.result:
            return job
        download = self._files.download(job.result["key"], job.result["filename"])
        return job.model_copy(update={"result": download.model_dump(mode="json")})

    def _fail(self, order: JobOrder, message: str, code: str) -> None:
        try:
            self._store.fail(order.owner_id, order.job_id, error=message, code=code, now=self._clock.now())
        except NotFound:
            return  # the account is gone, and its jobs with it


class _Throttled:
    """Progress, written at most once a second."""

    def __init__(self, store: "JobStore", clock: "Clock", order: JobOrder) -> None:
        self._store, self._clock, self._order = store, clock, order
        self._written: datetime | None = None

    def __call__(self, done: int, total: int | None) -> None:
        now = self._clock.now()
        if self._written and (now - self._written).total_seconds() < PROGRESS_SECONDS:
            return
        self._written = now
        self._store.report(
            self._order.owner_id, self._order.job_id, done=done, total=total, now=now, lease_until=_lease(now)
        )


def _lease(now: datetime) -> datetime:
    return now + timedelta(seconds=LEASE_SECONDS)
