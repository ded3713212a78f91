"""Accounts: becoming somebody here, proving it, changing it, and leaving."""

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

from chalicelib.clients.clock import Clock
from chalicelib.clients.issuer import Issuer
from chalicelib.clients.passwords import Passwords
from chalicelib.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from chalicelib.models.shapes import Page
from chalicelib.models.users import (
    Account,
    AccountChange,
    Choices,
    Invitation,
    OidcSignIn,
    Person,
    ResetLink,
    Role,
    SignIn,
    SignInOptions,
    SignUp,
    User,
    UserChange,
)
from chalicelib.services.mail import Mails
from chalicelib.services.sessions import Opened, Sessions
from chalicelib.stores.tickets import TicketStore
from chalicelib.stores.users import UserStore, normal_email

RESET_LIFE = timedelta(hours=1)
HANDED_RESET_LIFE = timedelta(hours=24)
"""A link that the operator hands out by hand."""
FRESH = timedelta(minutes=15)
"""How lately somebody without a password must have signed in to delete their account."""


class Accounts:
    def __init__(
        self,
        *,
        user_store: UserStore,
        ticket_store: TicketStore,
        sessions: Sessions,
        passwords: Passwords,
        mails: Mails,
        issuer: Issuer | None,
        welcome: Callable[[str, Literal["en", "zh-CN"]], object],
        start_deletion: Callable[[str], object],
        sign_up: Literal["open", "invitation", "closed"],
        public_url: str,
        clock: Clock,
    ) -> None:
        self._users = user_store
        self._tickets = ticket_store
        self._sessions = sessions
        self._passwords = passwords
        self._mails = mails
        self._issuer = issuer
        self._welcome = welcome
        self._start_deletion = start_deletion
        self._sign_up = sign_up
        self._public_url = public_url.rstrip("/")
        self._clock = clock

    # --- coming in

    def options(self) -> SignInOptions:
        """Which ways in there are."""
        issuer = self._issuer
        return SignInOptions(
            sign_up=self._sign_up,
            oidc_issuer=issuer.name if issuer else None,
            oidc_client_id=issuer.client_id if issuer else None,
            oidc_authorization_url=issuer.sign_in_address(now=self._clock.now()) if issuer else None,
            reset_by_mail=self._mails.can_send,
        )

    def sign_up(self, asked: SignUp, *, device: str, address: str) -> Opened:
        """A new account, signed in. Raises Forbidden when they may not sign up, Conflict when the address is taken."""
        invitation = self._admission(asked.invitation)
        password_hash = self._passwords.hash(asked.password.get_secret_value())
        account = self._new_account(asked.name, asked.email, asked.locale)
        person = Person(account=account, password_hash=password_hash, welcomed=False)
        self._users.add(person, oidc_name=None, invitation=invitation, now=self._clock.now())
        return self._sessions.open(person, device=device, address=address)

    def sign_in(self, asked: SignIn, *, device: str, address: str) -> Opened:
        """Raises Unauthenticated, the same for a wrong name and a wrong password and after the same time."""
        person = self._users.find_by_email(asked.email)
        password = asked.password.get_secret_value()
        if not self._passwords.matches(person.password_hash if person else None, password) or person is None:
            raise Unauthenticated("E-mail address or password is wrong.", code="wrong_password")
        if person.password_hash and self._passwords.is_outdated(person.password_hash):
            self._users.put_password(person.account.id, self._passwords.hash(password))
        return self._sessions.open(person, device=device, address=address)

    def sign_in_by_oidc(self, asked: OidcSignIn, *, device: str, address: str) -> Opened:
        """Signs in whom the issuer vouches for, with a new account the first time. An ID token is good once."""
        if self._issuer is None:
            raise NotFound("No sign-in service is set up here.")
        token, now = asked.id_token.get_secret_value(), self._clock.now()
        found = self._issuer.read(token, nonce=asked.nonce, now=now)
        try:
            self._tickets.add("id_token", token, {}, expires_at=found.expires_at)
        except Conflict:
            raise Unauthenticated("This sign-in was used before. Sign in again.", code="token_reused") from None
        person = self._users.find_by_oidc(found.issuer, found.subject)
        if person is not None:
            return self._sessions.open(person, device=device, address=address)
        invitation = self._admission(asked.invitation)
        if found.email is None or not re.fullmatch(r"[^@\s]{1,127}@[^@\s]{1,126}", found.email):
            raise Invalid("The sign-in service did not tell your e-mail address, which an account needs.")
        account = self._new_account(_fitting_name(found.name or found.email), found.email, asked.locale)
        person = Person(account=account, welcomed=False)
        # An account with the same address is never joined: nobody has proved that its address is theirs.
        self._users.add(person, oidc_name=(found.issuer, found.subject), invitation=invitation, now=now)
        return self._sessions.open(person, device=device, address=address)

    def welcome(self, person: Person) -> None:
        """Gives somebody new their first characters, once; called with each way in, until it went well."""
        if person.welcomed:
            return
        self._welcome(person.account.id, person.account.choices.locale)
        self._users.mark_welcomed(person.account.id)

    # --- one's own account

    def get(self, user_id: str) -> Account:
        return self._users.get(user_id).account

    def change(self, user: User, change: AccountChange) -> Account:
        choices: dict[str, Any] = {}
        if change.choices is not None:
            choices = change.choices.model_dump(mode="json", include=change.choices.model_fields_set)
        return self._users.change_choices(user.id, name=change.name, choices=choices)

    def change_password(self, user: User, *, current: str, new: str) -> None:
        """Sets another password and signs every other device out. Raises Forbidden when `current` is wrong."""
        person = self._users.get(user.id)
        self._check_password(person, current)
        self._users.put_password(user.id, self._passwords.hash(new))
        self._sessions.end_all(user.id, but=user.session_id)

    def delete(self, user: User, *, password: str | None) -> None:
        """Signs everything out and has all of the user's data wiped. Raises Forbidden without a fresh proof."""
        person = self._users.get(user.id)
        if person.password_hash:
            self._check_password(person, password or "")
        elif (began := self._sessions.began(user)) is None or self._clock.now() - began > FRESH:
            raise Forbidden("Sign out and in again, then delete your account within a quarter of an hour.")
        self._start_deletion(user.id)
        self._users.mark_deleting(user.id)
        self._sessions.end_all(user.id)

    # --- forgotten passwords

    def request_reset(self, email: str) -> None:
        """Mails a link to the address if somebody has it. Tells nobody whether."""
        person = self._users.find_by_email(email)
        if person is None or not self._mails.can_send:
            return
        account = person.account
        link = self._reset_link(account.id, RESET_LIFE)
        self._mails.send_reset(to=account.email, name=account.name, locale=account.choices.locale, url=link.url)

    def reset_link(self, user_id: str) -> ResetLink:
        """A link for the operator to hand out. Raises NotFound."""
        return self._reset_link(self._users.get(user_id).account.id, HANDED_RESET_LIFE)

    def finish_reset(self, token: str, password: str) -> None:
        """Sets the new password and signs every device out. Raises Forbidden when the link is no good."""
        holds = self._tickets.use_up("reset", token, now=self._clock.now())
        if holds is None:
            raise Forbidden("This link is used up or expired. Ask for a new one.", code="link_invalid")
        self._users.put_password(holds["user_id"], self._passwords.hash(password))
        self._sessions.end_all(holds["user_id"])

    # --- for those who run the place

    def list(self, *, cursor: str | None, limit: int) -> Page[Account]:
        return self._users.list(cursor=cursor, limit=limit)

    def find_by_email(self, email: str) -> Account | None:
        person = self._users.find_by_email(email)
        return person.account if person else None

    def govern(self, user_id: str, change: UserChange) -> Account:
        """Another role or a ban; either signs the person out everywhere, so that it counts at once."""
        account = self._users.put_standing(user_id, role=change.role, banned=change.banned)
        if change.role is not None or change.banned:
            self._sessions.end_all(user_id)
        return account

    def invite(self, *, days: int) -> Invitation:
        now = self._clock.now()
        return self._users.add_invitation(secrets.token_urlsafe(12), now=now, valid_until=now + timedelta(days=days))

    def list_invitations(self, *, cursor: str | None, limit: int) -> Page[Invitation]:
        return self._users.list_invitations(cursor=cursor, limit=limit)

    def _admission(self, invitation: str | None) -> str | None:
        """The invitation that signing up will use, None when it needs none. Raises Forbidden."""
        if self._sign_up == "closed":
            raise Forbidden("Nobody can sign up here at the moment.", code="sign_up_closed")
        if self._sign_up == "open":
            return None
        if not invitation:
            raise Forbidden("Signing up here needs an invitation.", code="invitation_needed")
        return invitation

    def _new_account(self, name: str, email: str, locale: Literal["en", "zh-CN"]) -> Account:
        return Account(
            id=self._clock.new_id(),
            name=name,
            email=normal_email(email),
            role=Role.user,
            created_at=self._clock.now(),
            choices=Choices(locale=locale),
        )

    def _check_password(self, person: Person, password: str) -> None:
        if not self._passwords.matches(person.password_hash, password):
            raise Forbidden("The password is wrong.", code="wrong_password")

    def _reset_link(self, user_id: str, life: timedelta) -> ResetLink:
        token = secrets.token_urlsafe(32)
        expires_at = self._clock.now() + life
        self._tickets.add("reset", token, {"user_id": user_id}, expires_at=expires_at)
        # After the hash sign, so that no server, log or referrer sees it.
        return ResetLink(url=f"{self._public_url}/reset-password#token={token}", expires_at=expires_at)


def _fitting_name(name: str) -> str:
    """A name from outside, made to fit our rule."""
    kept = re.sub(r"[^\w .'-]", "", name.partition("@")[0]).strip(" .'-")[:40]
    return kept if len(kept) >= 2 else "Traveller"
