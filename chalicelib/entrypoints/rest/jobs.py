"""Doors of long work: how far it is."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Routes
from chalicelib.models.jobs import Job
from chalicelib.models.users import User

routes = Routes("jobs", prefix="/jobs")


@routes.get()
def list_jobs(user: User) -> list[Job]:
    return container().jobs.list(user.id)


@routes.get("/{job_id}")
def get_job(user: User, job_id: str) -> Job:
    return container().jobs.get(user.id, job_id)
