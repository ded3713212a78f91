"""Leaving with everything: a zip, or for the command line a folder, that SillyTavern opens as its data."""

import tempfile
import zipfile
from collections.abc import Iterable
from typing import TYPE_CHECKING

from chalicelib.models.users import User
from chalicelib.services.departing import Departure
from chalicelib.services.departing_beside import Sink, Things
from chalicelib.services.jobs import Outcome, Work

if TYPE_CHECKING:
    from chalicelib.services.jobs import Progress

_PACKED_ALREADY = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".apng")


class Departures:
    def __init__(self, things: Things) -> None:
        self._things = things

    def run(self, work: Work) -> Outcome:
        """The job `export_folder`: a zip with the folder's files at its root, as SillyTavern's backups are."""
        key = f"{work.owner_id}/exports/{work.job_id}.zip"
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                self.write(User(id=work.owner_id, session_id=""), _Archive(archive), work.progress)
            file.seek(0)
            self._things.files.put_file(key, file, "application/zip")
        return Outcome(result={"key": key, "filename": "SillyTavern.zip"})

    def write(self, user: User, sink: Sink, progress: "Progress") -> None:
        """Writes everything the person has into a folder or an archive."""
        Departure(self._things, user, sink, progress).write()


class _Archive:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def put(self, path: str, pieces: Iterable[bytes]) -> None:
        info = zipfile.ZipInfo(path)
        info.compress_type = zipfile.ZIP_STORED if path.lower().endswith(_PACKED_ALREADY) else zipfile.ZIP_DEFLATED
        with self._archive.open(info, "w", force_zip64=True) as entry:
            for piece in pieces:
                entry.write(piece)
