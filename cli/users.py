"""`tavern users`: what only somebody with access to the deployment may do."""

import click

from chalicelib.container import container
from chalicelib.models.users import Account, Role, UserChange


@click.group()
def users() -> None:
    """Accounts, roles, invitations and reset links."""


@users.command()
@click.argument("email")
def admin(email: str) -> None:
    """Make the account with this e-mail address an admin."""
    account = _account(email)
    container().accounts.govern(account.id, UserChange(role=Role.admin))
    click.echo(f"{account.name} <{account.email}> is an admin now, and signs in again.")


@users.command()
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def role(email: str, role: str) -> None:
    """Give the account another role."""
    account = _account(email)
    container().accounts.govern(account.id, UserChange(role=Role(role)))
    click.echo(f"{account.name} <{account.email}> is {role} now, and signs in again.")


@users.command("reset-link")
@click.argument("email")
def reset_link(email: str) -> None:
    """Print a link that sets a new password, good for a day and one use."""
    link = container().accounts.reset_link(_account(email).id)
    click.echo(link.url)
    click.echo(f"Good until {link.expires_at:%Y-%m-%d %H:%M} UTC, for one use.", err=True)


@users.command()
@click.argument("email")
@click.option("--lift", is_flag=True, help="Let them in again.")
def ban(email: str, lift: bool) -> None:
    """Sign the account out everywhere and let it in no more."""
    account = _account(email)
    container().accounts.govern(account.id, UserChange(banned=not lift))
    click.echo(f"{account.name} <{account.email}> is {'let in again' if lift else 'banned'}.")


@users.command()
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 365), help="How long it is good for.")
def invite(days: int) -> None:
    """Print an invitation code, good for one sign-up."""
    click.echo(container().accounts.invite(days=days).code)


@users.command("list")
def list_users() -> None:
    """Everybody, newest first."""
    cursor: str | None = None
    while True:
        page = container().accounts.list(cursor=cursor, limit=200)
        for account in page.items:
            mark = " (banned)" if account.banned else ""
            click.echo(f"{account.created_at:%Y-%m-%d}  {account.role.value:9}  {account.email}  {account.name}{mark}")
        cursor = page.next
        if cursor is None:
            return


def _account(email: str) -> Account:
    found = container().accounts.find_by_email(email)
    if found is None:
        raise click.ClickException(f"Nobody here has the address {email}.")
    return found
