"""Doors of templates of text completion."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Request, Routes
from chalicelib.models.kept_templates import (
    ExportAsked,
    ExportedFile,
    NewTemplate,
    Preview,
    PreviewAsked,
    TakenTemplates,
    Template,
    TemplateChange,
    TemplateFile,
    TemplateQuery,
)
from chalicelib.models.shapes import Page
from chalicelib.models.users import User

routes = Routes("templates", prefix="/templates")


@routes.get()
def list_templates(user: User, query: TemplateQuery) -> "Page[Template]":
    return container().templates.list(user, query)


@routes.post(status=201)
def create_template(user: User, body: NewTemplate, request: Request) -> Template:
    return container().templates.add(user, body, request.idempotency_key)


@routes.post("/import", status=201)
def import_templates(user: User, body: TemplateFile) -> TakenTemplates:
    return container().templates.take(user, body)


@routes.post("/export")
def export_templates(user: User, body: ExportAsked) -> ExportedFile:
    return container().templates.export(user, body)


@routes.post("/preview")
def preview_templates(user: User, body: PreviewAsked) -> Preview:
    return container().chosen_templates.preview(body)


@routes.get("/{template_id}")
def get_template(user: User, template_id: str) -> Template:
    return container().templates.get(user.id, template_id)


@routes.patch("/{template_id}")
def change_template(user: User, template_id: str, body: TemplateChange) -> Template:
    return container().templates.change(user, template_id, body)


@routes.delete("/{template_id}")
def delete_template(user: User, template_id: str) -> None:
    container().templates.delete(user, template_id)


@routes.get("/{template_id}/file")
def get_template_file(user: User, template_id: str) -> ExportedFile:
    return container().templates.file(user.id, template_id)
