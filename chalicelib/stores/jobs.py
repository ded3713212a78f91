"""Jobs in `main`.

job   pk owner   sk job#{id}    index1 unfinished-jobs by the time of their last sign of life, until they end
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PutError, UpdateError
from pynamodb.expressions.update import Action

from chalicelib.errors import NotFound
from chalicelib.models.jobs import Job, JobKind, ReportLine
from chalicelib.stores.tables import MainMeta, MainRow, time_text

_UNFINISHED = "unfinished-jobs"
_CONDITION = "ConditionalCheckFailedException"
_LISTED_MOST = 50
_REPORT_BYTES_MOST = 300


class JobRow(MainRow):
    class Meta(MainMeta):
        pass

    kind = UnicodeAttribute()
    status = UnicodeAttribute()
    arguments = JSONAttribute(default=dict)
    attempts = NumberAttribute(default=0)
    lease_until = UnicodeAttribute(default="")
    done = NumberAttribute(default=0)
    total = NumberAttribute(null=True)
    report = JSONAttribute(default=list)
    error = UnicodeAttribute(null=True)
    code = UnicodeAttribute(null=True)
    result = JSONAttribute(default=dict)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()


class Claim(NamedTuple):
    kind: JobKind
    arguments: dict[str, Any]
    attempt: int
    """1 the first time."""


class JobStore:
    def add(self, owner_id: str, job: Job, arguments: dict[str, Any], *, expires_at: datetime) -> bool:
        """False when there is a job of this id already."""
        row = JobRow(
            pk=owner_id,
            sk=_sort_key(job.id),
            i1pk=_UNFINISHED,
            i1sk=_alive(job.created_at, owner_id, job.id),
            kind=job.kind,
            status=job.status,
            arguments=arguments,
            created_at=time_text(job.created_at),
            updated_at=time_text(job.updated_at),
            expires_at=int(expires_at.timestamp()),
        )
        return _done(row.save, condition=JobRow.sk.does_not_exist())

    def get(self, owner_id: str, job_id: str) -> Job:
        return job_of(_row(owner_id, job_id))

    def list_stale(self, *, before: datetime, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Owner and id of unfinished jobs without a sign of life since `before` and in nobody's hands."""
        found = JobRow.index1.query(_UNFINISHED, JobRow.i1sk < time_text(before), limit=limit)
        return [(row.pk, row.sk.removeprefix("job#")) for row in found if row.lease_until <= time_text(now)]

    def claim(self, owner_id: str, job_id: str, *, now: datetime, lease_until: datetime) -> Claim | None:
        """The job, now in our hands; None when it has ended, is in other hands, or is gone."""
        row = JobRow(owner_id, _sort_key(job_id))
        free = (JobRow.status == "queued") | ((JobRow.status == "running") & (JobRow.lease_until <= time_text(now)))
        actions = [
            JobRow.status.set("running"),
            JobRow.attempts.add(1),
            *_signs_of_life(owner_id, job_id, now, lease_until),
        ]
        if not _done(row.update, actions=actions, condition=free):
            return None
        return Claim(cast(JobKind, row.kind), dict(row.arguments), int(row.attempts))

    def release(self, owner_id: str, job_id: str, *, now: datetime) -> int:
        """Puts a running job back among the queued ones; how often it was tried, 0 when it was not running."""
        row = JobRow(owner_id, _sort_key(job_id))
        actions = [JobRow.status.set("queued"), *_signs_of_life(owner_id, job_id, now, now)]
        return int(row.attempts) if _done(row.update, actions=actions, condition=JobRow.status == "running") else 0

    def hand_over(self, owner_id: str, job_id: str, *, now: datetime) -> bool:
        """Puts a running job back for another run, which has all its attempts again; False when it has ended."""
        row = JobRow(owner_id, _sort_key(job_id))
        actions = [
            JobRow.status.set("queued"),
            JobRow.attempts.set(0),
            *_signs_of_life(owner_id, job_id, now, now),
        ]
        return _done(row.update, actions=actions, condition=JobRow.status == "running")

    def report(
        self, owner_id: str, job_id: str, *, done: int, total: int | None, now: datetime, lease_until: datetime
    ) -> None:
        """Says how far a running job is, and keeps it in our hands."""
        actions = [JobRow.done.set(done), *_signs_of_life(owner_id, job_id, now, lease_until)]
        if total is not None:
            actions.append(JobRow.total.set(total))
        _done(JobRow(owner_id, _sort_key(job_id)).update, actions=actions, condition=JobRow.status == "running")

    def finish(
        self, owner_id: str, job_id: str, *, report: list[ReportLine], result: dict[str, Any], now: datetime
    ) -> None:
        kept = [line.model_dump(mode="json", exclude_none=True) for line in _short(report)]
        self._end(
            owner_id, job_id, now, [JobRow.status.set("done"), JobRow.report.set(kept), JobRow.result.set(result)]
        )

    def fail(self, owner_id: str, job_id: str, *, error: str, code: str, now: datetime) -> None:
        actions = [JobRow.status.set("failed"), JobRow.error.set(error), JobRow.code.set(code)]
        self._end(owner_id, job_id, now, actions)

    def list(self, owner_id: str) -> list[Job]:
        """The newest, newest first."""
        found = JobRow.query(
            owner_id,
            JobRow.sk.startswith("job#"),
            scan_index_forward=False,
            limit=_LISTED_MOST,
            page_size=_LISTED_MOST,
        )
        return [job_of(row) for row in found]

    def _end(self, owner_id: str, job_id: str, now: datetime, actions: Sequence[Action]) -> None:
        """Quiet when the job is gone: its account was deleted."""
        closing = [JobRow.updated_at.set(time_text(now)), JobRow.i1pk.remove(), JobRow.i1sk.remove()]
        _done(JobRow(owner_id, _sort_key(job_id)).update, actions=[*actions, *closing], condition=JobRow.sk.exists())


def job_of(row: JobRow) -> Job:
    return Job(
        id=row.sk.removeprefix("job#"),
        kind=cast(JobKind, row.kind),
        status=cast(Any, row.status),
        done=int(row.done),
        total=None if row.total is None else int(row.total),
        report=[ReportLine.model_validate(line) for line in row.report],
        error=row.error,
        code=row.code,
        result=dict(row.result),
        created_at=datetime.fromisoformat(row.created_at),
        updated_at=datetime.fromisoformat(row.updated_at),
    )


def _row(owner_id: str, job_id: str) -> JobRow:
    try:
        return JobRow.get(owner_id, _sort_key(job_id), consistent_read=True)
    except DoesNotExist:
        raise NotFound("There is no such job, or it is more than a week old.") from None


def _done(write: Any, **arguments: Any) -> bool:
    """Whether the write's condition held."""
    try:
        write(**arguments)
    except (PutError, UpdateError) as error:
        if error.cause_response_code == _CONDITION:
            return False
        raise
    return True


def _signs_of_life(owner_id: str, job_id: str, now: datetime, lease_until: datetime) -> list[Action]:
    return [
        JobRow.updated_at.set(time_text(now)),
        JobRow.lease_until.set(time_text(lease_until)),
        JobRow.i1sk.set(_alive(now, owner_id, job_id)),
    ]


def _short(report: list[ReportLine]) -> list[ReportLine]:
    """An item holds 400 KB: of a very long report the end is left out."""
    most = 1_000
    kept = [line.model_copy(update={"note": line.note[:_REPORT_BYTES_MOST]}) for line in report[:most]]
    if len(report) > most:
        kept.append(ReportLine(name="…", outcome="taken", note=f"{len(report) - most} more"))
    return kept


def _sort_key(job_id: str) -> str:
    return f"job#{job_id}"


def _alive(at: datetime, owner_id: str, job_id: str) -> str:
    return f"{time_text(at)}#{owner_id}#{job_id}"
