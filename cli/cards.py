"""`tavern import` and `tavern export`: card files into somebody's library and out of it."""

from pathlib import Path

import click

from chalicelib.container import container
from chalicelib.errors import AppError
from chalicelib.models.characters import CharacterQuery, ExportQuery
from chalicelib.models.users import User


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--for", "email", required=True, help="E-mail address of the account that gets them.")
def import_files(files: tuple[Path, ...], email: str) -> None:
    """Take card files, or folders of them, into a library, and tell what each became."""
    owner_id, failed = _user(email).id, 0
    for file in _each(files):
        try:
            line = container().card_files.take(owner_id, file.read_bytes(), file.name).line
        except AppError as error:
            failed += 1
            click.echo(f"left out  {file.name}: {error.message}")
            continue
        click.echo(f"{line.outcome.replace('_', ' '):8}  {file.name}{': ' + line.note if line.note else ''}")
    if failed:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--for", "email", required=True, help="E-mail address of the account they belong to.")
@click.option("--format", "kind", type=click.Choice(["png", "json", "charx"]), default="png", show_default=True)
def export(folder: Path, email: str, kind: str) -> None:
    """Write every character of a library into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    user, cursor, count = _user(email), None, 0
    query = ExportQuery.model_validate({"format": kind})
    while True:
        page = container().characters.list_page(user, CharacterQuery(sort="name", limit=100, cursor=cursor))
        for character in page.items:
            data, name = container().card_files.read(user.id, character.id, query)
            _free(folder, name).write_bytes(data)
            count += 1
        cursor = page.next
        if cursor is None:
            break
    click.echo(f"{count} characters are in {folder} now.")


def _each(files: tuple[Path, ...]) -> list[Path]:
    """The files themselves, and those inside the folders, by name."""
    found = [inner for file in files for inner in (sorted(file.rglob("*")) if file.is_dir() else [file])]
    return [file for file in found if file.is_file() and not file.name.startswith(".")]


def _free(folder: Path, name: str) -> Path:
    """A path nobody has yet: characters may share a name."""
    path, stem, count = folder / name, Path(name).stem, 2
    while path.exists():
        path = folder / f"{stem} {count}{Path(name).suffix}"
        count += 1
    return path


def _user(email: str) -> User:
    account = container().accounts.find_by_email(email)
    if account is None:
        raise click.ClickException(f"Nobody here has the address {email}.")
    return User(id=account.id, role=account.role, session_id="command-line")
