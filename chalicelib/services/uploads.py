"""Files too large for a request: the browser puts them into the bucket itself, then a job takes them in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.cards.bounds import ARCHIVE_BYTES_MOST, check_size
from chalicelib.errors import AppError, Invalid, NotFound, Unavailable
from chalicelib.models.chats import Chat, ChatImportQuery
from chalicelib.models.jobs import Job, ReportLine
from chalicelib.models.media import NewUpload, Upload
from chalicelib.models.users import User
from chalicelib.services.jobs import Outcome, Progress, Work
from chalicelib.stores.uploads import StoredUpload

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.card_files import CardFiles
    from chalicelib.services.characters import Characters
    from chalicelib.services.jobs import Jobs
    from chalicelib.services.limits import Limits
    from chalicelib.services.world_files import WorldFiles
    from chalicelib.stores.files import Files
    from chalicelib.stores.uploads import UploadStore

KEPT_HOURS = 24
WORLD_BYTES_MOST = 60_000_000
"""It is read as one piece; 20,000 entries of a page each fit."""
_SWEPT_AT_ONCE = 50

TakeChat = Callable[[str, ChatImportQuery, bytes, str, Progress], Chat]
"""Owner, what is asked, the file, the chat's id, and who hears how far it is -> the chat it became."""


class Uploads:
    def __init__(
        self,
        *,
        store: "UploadStore",
        files: "Files",
        limits: "Limits",
        jobs: "Jobs",
        characters: "Characters",
        card_files: "CardFiles",
        find_group: Callable[[str, str], object],
        take_chat: TakeChat,
        drop_chat: Callable[[str, str], None],
        world_files: "WorldFiles",
        clock: "Clock",
    ) -> None:
        """`find_group(owner, group)` raises NotFound; `drop_chat(owner, chat)` deletes what was never finished."""
        self._store, self._files, self._limits, self._jobs = store, files, limits, jobs
        self._characters, self._card_files, self._take_chat = characters, card_files, take_chat
        self._find_group = find_group
        self._drop_chat, self._world_files, self._clock = drop_chat, world_files, clock

    def start(self, user: User, body: NewUpload) -> Upload:
        """A form for one file. Its space counts from now on, until it is taken in. Raises TooLarge, QuotaExceeded."""
        check_size(body.size, ARCHIVE_BYTES_MOST, "This file")
        if body.purpose == "world":
            check_size(body.size, WORLD_BYTES_MOST, "A world's file")
        if body.purpose == "chat":
            self._check_partner(user.id, body)
        upload_id = self._clock.new_id()
        upload = StoredUpload(upload_id, body.filename, body.size, body.purpose, body.character_id, body.group_id)
        self._limits.add_storage(user.id, body.size)
        self._store.add(user.id, upload, now=self._clock.now())
        key = _key(user.id, upload.id)
        return self._files.presigned_post(upload.id, key, size=body.size, content_type=body.content_type)

    def finish(self, user: User, upload_id: str) -> Job:
        """The job that takes the file in; asked again, the same job. Raises NotFound, Invalid (`upload_missing`)."""
        try:
            upload = self._store.get(user.id, upload_id)
        except NotFound:
            return self._jobs.get(user.id, upload_id)  # taken in already
        if self._files.find_size(_key(user.id, upload_id)) != upload.size:
            raise Invalid("The file has not arrived whole. Upload it again.", code="upload_missing")
        arguments = {"upload_id": upload_id, "purpose": upload.purpose, "filename": upload.filename}
        return self._jobs.start(user.id, "import_file", arguments, job_id=upload_id)

    def run_import(self, work: Work) -> Outcome:
        """The job of one upload. What it becomes has the job's id, so that a second delivery finds it.

        The upload counts the space until what it became counts it: a worker that dies in between leaves nothing counted
        twice.
        """
        upload_id = work.arguments["upload_id"]
        try:
            upload = self._store.get(work.owner_id, upload_id)
        except NotFound:
            return self._taken_before(work)
        try:
            line, kept_bytes = self._take(work, upload)
        except AppError as error:
            if not isinstance(error, Unavailable):
                self._drop(work.owner_id, upload)
            raise
        self._drop(work.owner_id, upload, kept_bytes=kept_bytes)
        work.progress(1, 1)
        return Outcome([line])

    def sweep(self, now: datetime) -> None:
        """Drops uploads that nobody finished within a day."""
        for owner_id, upload in self._store.list_old(before=now - timedelta(hours=KEPT_HOURS), limit=_SWEPT_AT_ONCE):
            match upload.purpose:
                case "chat":
                    self._drop_chat(owner_id, upload.id)
                case "world":
                    self._world_files.drop_unfinished(owner_id, upload.id)
                case _:
                    self._characters.drop_unfinished(owner_id, upload.id)
            self._drop(owner_id, upload)

    def _check_partner(self, owner_id: str, body: NewUpload) -> None:
        """Raises Invalid, NotFound."""
        if bool(body.character_id) == bool(body.group_id):
            raise Invalid(
                "A chat belongs to a character or to a group.", fields={"character_id": "Name one of the two."}
            )
        if body.character_id:
            self._characters.get_record(owner_id, body.character_id)
        else:
            self._find_group(owner_id, body.group_id or "")

    def _take(self, work: Work, upload: StoredUpload) -> tuple[ReportLine, int]:
        """What became of the file, and how much space that takes."""
        work.progress(0, 1)
        data = self._files.get(_key(work.owner_id, upload.id))
        if upload.purpose == "chat":
            query = ChatImportQuery(
                character_id=upload.character_id, group_id=upload.group_id, filename=upload.filename
            )
            chat = self._take_chat(work.owner_id, query, data, work.job_id, work.progress)
            return ReportLine(name=upload.filename, outcome="taken", id=chat.id), upload.size
        if upload.purpose == "world":
            return self._world_files.take(work.owner_id, data, upload.filename, world_id=work.job_id).line, 0
        taken = self._card_files.take(work.owner_id, data, upload.filename, character_id=work.job_id, counted=False)
        kept = self._characters.get_record(work.owner_id, work.job_id).file_bytes if taken.character else 0
        return taken.line, kept

    def _taken_before(self, work: Work) -> Outcome:
        """A worker that died between its last two writes: what it made is there."""
        if work.arguments.get("purpose") in ("chat", "world"):
            return Outcome([ReportLine(name=work.arguments["filename"], outcome="taken", id=work.job_id)])
        held = self._characters.get_record(work.owner_id, work.job_id)
        return Outcome([ReportLine(name=held.name, outcome="taken", id=held.id)])

    def _drop(self, owner_id: str, upload: StoredUpload, *, kept_bytes: int = 0) -> None:
        """Deletes the upload and gives back its space, save what is kept of it."""
        self._files.delete(_key(owner_id, upload.id))
        if self._store.delete(owner_id, upload.id) and kept_bytes != upload.size:
            self._limits.settle_storage(owner_id, kept_bytes - upload.size)


def _key(owner_id: str, upload_id: str) -> str:
    return f"{owner_id}/uploads/{upload_id}"
