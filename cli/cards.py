"""`tavern import` and `tavern export`: card files into somebody's library and out of it."""

from pathlib import Path

import click

from chalicelib.container import container
from chalicelib.errors import AppError
from chalicelib.models.characters import CharacterQuery, ExportQuery
from chalicelib.models.moves import KINDS, MoveKind
from chalicelib.models.users import User
from cli.departures import leave
from cli.moves import OF_OTHERS, bring, bring_files, is_data_folder


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--for", "--email", "--user", "email", required=True, help="E-mail address of who gets them.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Of a data folder only these.")
@click.option("--secrets", is_flag=True, help="Also the keys of services in a data folder: they become connections.")
@click.option("--again", is_flag=True, help="Also what is here already in another state, beside it.")
def import_files(files: tuple[Path, ...], email: str, kinds: tuple[MoveKind, ...], secrets: bool, again: bool) -> None:
    """Take files, folders of them, or a data folder or backup of SillyTavern's, and tell what each became.

    Files may be cards, and chats, lorebooks, presets and the like of any program that docs/moving.md names.

    It can be broken off and started again: what was taken is not taken twice.
    """
    user, failed = _user(email), 0
    whole = [file for file in files if is_data_folder(file)]
    for path in whole:
        failed += not bring(path, user, kinds=kinds, secrets=secrets, again=again)
    owner_id = user.id
    loose = _each(tuple(file for file in files if file not in whole))
    others = [file for file in loose if file.suffix.lower() in OF_OTHERS]
    if not loose and not whole:
        click.echo("There is nothing to take in here.")
    for file in [file for file in loose if file not in others]:
        try:
            line = container().card_files.take(owner_id, file.read_bytes(), file.name).line
        except AppError as error:
            failed += 1
            click.echo(f"left out  {file.name}: {error.message}")
            continue
        click.echo(f"{line.outcome.replace('_', ' '):8}  {file.name}{': ' + line.note if line.note else ''}")
    if others:
        failed += not bring_files(others, user, again=again)
    if failed:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--for", "--email", "--user", "email", required=True, help="E-mail address of who owns it.")
@click.option("--format", "kind", type=click.Choice(["png", "json", "charx"]), help="Only characters, as these.")
def export(folder: Path, email: str, kind: str | None) -> None:
    """Write everything somebody has into a folder that SillyTavern opens."""
    if kind is None:
        leave(folder, _user(email))
        return
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
