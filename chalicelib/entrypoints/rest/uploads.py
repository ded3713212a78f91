"""Doors of uploads: a form for the bucket, and the word that the file is there."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Routes
from chalicelib.models.jobs import Job
from chalicelib.models.media import NewUpload, Upload
from chalicelib.models.users import User

routes = Routes("uploads", prefix="/uploads")


@routes.post(status=201)
def start_upload(user: User, body: NewUpload) -> Upload:
    return container().uploads.start(user, body)


@routes.post("/{upload_id}/finish", status=202)
def finish_upload(user: User, upload_id: str) -> Job:
    return container().uploads.finish(user, upload_id)
