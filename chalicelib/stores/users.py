"""Accounts, the addresses they sign in with, and invitations, in `main`.

account      pk user               sk account       index1 users by time of sign-up
address      pk email#{sha256}     sk email         names the user; makes an e-mail address unique
OIDC name    pk oidc#{sha256}      sk oidc          names the user; issuer and subject
invitation   pk invitation#{code}  sk invitation    index1 invitations by time
"""

import hashlib
import unicodedata
from datetime import datetime, timedelta

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, UpdateError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Conflict, Forbidden, NotFound
from chalicelib.models.shapes import Page
from chalicelib.models.users import Account, Choices, Invitation, Person, Role
from chalicelib.stores.tables import MainMeta, MainRow
from chalicelib.stores.transactions import commit

CHOICE_ATTEMPTS_MOST = 5
INVITATION_KEPT = timedelta(days=30)
"""How long a used or stale invitation stays in the list."""


class UserRow(MainRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    email = UnicodeAttribute()
    role = UnicodeAttribute(default=Role.user.value)
    created_at = UnicodeAttribute()
    choices = JSONAttribute(default=dict)
    banned = BooleanAttribute(default=False)
    deleting = BooleanAttribute(default=False)
    welcomed = BooleanAttribute(default=True)
    password_hash = UnicodeAttribute(null=True)
    oidc_key = UnicodeAttribute(null=True)
    revision = NumberAttribute(default=1)


class SignInRow(MainRow):
    """What somebody signs in with: an e-mail address, or a name at an OIDC issuer."""

    class Meta(MainMeta):
        pass

    user_id = UnicodeAttribute()


class InvitationRow(MainRow):
    class Meta(MainMeta):
        pass

    created_at = UnicodeAttribute()
    valid_until = UnicodeAttribute()
    used_by = UnicodeAttribute(null=True)


class UserStore:
    """People's accounts."""

    def add(self, person: Person, *, oidc_name: tuple[str, str] | None, invitation: str | None, now: datetime) -> None:
        """Keeps a new account. Raises Conflict when the address is taken, Forbidden when the invitation is no good."""
        account = person.account
        row = UserRow(
            account.id,
            "account",
            i1pk="users",
            i1sk=f"{account.created_at.isoformat()}#{account.id}",
            name=account.name,
            email=account.email,
            role=account.role.value,
            created_at=account.created_at.isoformat(),
            choices=account.choices.model_dump(mode="json"),
            password_hash=person.password_hash,
            welcomed=person.welcomed,
            oidc_key=_oidc_key(*oidc_name) if oidc_name else None,
        )

        def fill(write: TransactWrite) -> None:
            write.save(row, condition=UserRow.pk.does_not_exist())
            named = [(_email_key(account.email), "email")]
            named += [(_oidc_key(*oidc_name), "oidc")] if oidc_name else []
            for key, kind in named:
                write.save(SignInRow(key, kind, user_id=account.id), condition=SignInRow.pk.does_not_exist())
            if invitation:
                write.update(
                    InvitationRow(f"invitation#{invitation}", "invitation"),
                    actions=[InvitationRow.used_by.set(account.id)],
                    condition=InvitationRow.pk.exists()
                    & InvitationRow.used_by.does_not_exist()
                    & (InvitationRow.valid_until > now.isoformat()),
                )

        failed = commit(fill)
        if invitation and (3 if oidc_name else 2) in failed:
            raise Forbidden("This invitation is used up, expired or mistyped. Ask for a new one.")
        if failed:
            raise Conflict("There is already an account with this e-mail address.", code="address_taken")

    def find(self, user_id: str) -> Person | None:
        try:
            return _person(UserRow.get(user_id, "account", consistent_read=True))
        except DoesNotExist:
            return None

    def get(self, user_id: str) -> Person:
        found = self.find(user_id)
        if found is None:
            raise NotFound("There is no such account.")
        return found

    def find_by_email(self, email: str) -> Person | None:
        return self._find_by(_email_key(email), "email")

    def find_by_oidc(self, issuer: str, subject: str) -> Person | None:
        return self._find_by(_oidc_key(issuer, subject), "oidc")

    def list(self, *, cursor: str | None, limit: int) -> Page[Account]:
        """Everybody, newest first."""
        older = (UserRow.i1sk < cursor) if cursor else None
        rows = list(UserRow.index1.query("users", older, scan_index_forward=False, limit=limit + 1))
        accounts = [_person(row).account for row in rows[:limit]]
        return Page(items=accounts, next=rows[limit - 1].i1sk if len(rows) > limit else None)

    def change_choices(self, user_id: str, *, name: str | None, choices: dict[str, object]) -> Account:
        """The account with these choices laid over the old ones; None clears one. Two devices never undo each other."""
        for _ in range(CHOICE_ATTEMPTS_MOST):
            row = self._row(user_id)
            laid = Choices.model_validate({k: v for k, v in ({**row.choices, **choices}).items() if v is not None})
            actions: list[Action] = [
                UserRow.choices.set(laid.model_dump(mode="json")),
                UserRow.revision.set(UserRow.revision + 1),
            ]
            if name is not None:
                actions.append(UserRow.name.set(name))
            try:
                row.update(actions=actions, condition=UserRow.revision == row.revision)
            except UpdateError as error:
                if error.cause_response_code != "ConditionalCheckFailedException":
                    raise
                continue
            return _person(row).account
        raise Conflict("Your settings were changed elsewhere at the same time. Try again.")

    def put_password(self, user_id: str, password_hash: str) -> None:
        self._update(user_id, UserRow.password_hash.set(password_hash))

    def put_standing(self, user_id: str, *, role: Role | None, banned: bool | None) -> Account:
        """The account with another role or ban; None leaves it as it is."""
        actions: list[Action] = []
        if role is not None:
            actions.append(UserRow.role.set(role.value))
        if banned is not None:
            actions.append(UserRow.banned.set(banned))
        return self._update(user_id, *actions).account if actions else self.get(user_id).account

    def mark_deleting(self, user_id: str) -> None:
        self._update(user_id, UserRow.deleting.set(True))

    def mark_welcomed(self, user_id: str) -> None:
        self._update(user_id, UserRow.welcomed.set(True))

    def delete(self, user_id: str) -> None:
        """Forgets the account and what it signed in with."""
        try:
            row = self._row(user_id)
        except NotFound:
            return
        SignInRow(_email_key(row.email), "email").delete()
        if row.oidc_key:
            SignInRow(row.oidc_key, "oidc").delete()
        row.delete()

    def add_invitation(self, code: str, *, now: datetime, valid_until: datetime) -> Invitation:
        row = InvitationRow(
            f"invitation#{code}",
            "invitation",
            i1pk="invitations",
            i1sk=f"{now.isoformat()}#{code}",
            created_at=now.isoformat(),
            valid_until=valid_until.isoformat(),
            expires_at=int((valid_until + INVITATION_KEPT).timestamp()),
        )
        row.save()
        return _invitation(row)

    def list_invitations(self, *, cursor: str | None, limit: int) -> Page[Invitation]:
        older = (InvitationRow.i1sk < cursor) if cursor else None
        rows = list(InvitationRow.index1.query("invitations", older, scan_index_forward=False, limit=limit + 1))
        last = rows[limit - 1].i1sk if len(rows) > limit else None
        return Page(items=[_invitation(row) for row in rows[:limit]], next=last)

    def _find_by(self, key: str, kind: str) -> Person | None:
        try:
            return self.find(SignInRow.get(key, kind, consistent_read=True).user_id)
        except DoesNotExist:
            return None

    def _row(self, user_id: str) -> UserRow:
        try:
            return UserRow.get(user_id, "account", consistent_read=True)
        except DoesNotExist:
            raise NotFound("There is no such account.") from None

    def _update(self, user_id: str, *actions: Action) -> Person:
        row = UserRow(user_id, "account")
        try:
            row.update(actions=[*actions, UserRow.revision.set(UserRow.revision + 1)], condition=UserRow.pk.exists())
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            raise NotFound("There is no such account.") from None
        return _person(row)


def normal_email(email: str) -> str:
    """An address in the spelling that tells two accounts apart."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def _email_key(email: str) -> str:
    return f"email#{hashlib.sha256(normal_email(email).encode()).hexdigest()}"


def _oidc_key(issuer: str, subject: str) -> str:
    return f"oidc#{hashlib.sha256(f'{issuer}|{subject}'.encode()).hexdigest()}"


def _person(row: UserRow) -> Person:
    account = Account(
        id=row.pk,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        created_at=datetime.fromisoformat(row.created_at),
        choices=Choices.model_validate(row.choices),
        banned=row.banned,
    )
    return Person(account=account, password_hash=row.password_hash, deleting=row.deleting, welcomed=row.welcomed)


def _invitation(row: InvitationRow) -> Invitation:
    return Invitation(
        code=row.pk.removeprefix("invitation#"),
        created_at=datetime.fromisoformat(row.created_at),
        expires_at=datetime.fromisoformat(row.valid_until),
        used_by=row.used_by,
    )
