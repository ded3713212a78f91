"""People, their sessions and what they chose."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from chalicelib.models.shapes import Asked, Held, Id, Instant
from chalicelib.models.worlds import WorldSettings

UserName = Annotated[str, Field(min_length=2, max_length=40, pattern=r"^[\w][\w .'-]*$")]
Email = Annotated[str, Field(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
Password = Annotated[SecretStr, Field(min_length=10, max_length=1000)]
Theme = Literal["system", "light", "dark"]
Layout = Literal["book", "bubbles", "compact", "novel"]


class Role(StrEnum):
    user = "user"
    moderator = "moderator"
    admin = "admin"


class User(Held):
    """Who is asking, as an access token says it."""

    id: str
    role: Role = Role.user
    session_id: str


class Choices(Held):
    """What a person chose once for the whole page."""

    locale: Literal["en", "zh-CN"] = "en"
    theme: Theme = "system"
    layout: Layout = "book"
    font_px: int = Field(default=18, ge=14, le=24)
    connection_id: str | None = None
    preset_id: str | None = None
    text_preset_id: str | None = None
    """Whose samplers a model that completes text is asked with; None: those of `preset_id`."""
    persona_id: str | None = None
    instruct_id: str | None = None
    context_id: str | None = None
    system_prompt_id: str | None = None
    reasoning_id: str | None = None
    thoughts_sent: int = Field(default=0, ge=0, le=100)
    """In how many replies, the newest first, the model is shown what it thought."""
    legacy_macros: bool = False
    """Whether macros are read as SillyTavern did before 1.19."""
    world_ids: list[str] = []
    """Worlds that are there in every chat, in their order."""
    world_settings: WorldSettings = Field(default_factory=WorldSettings)
    worlds_linked: bool = False
    """Whether a character, a chat or a persona ever got worlds: only then a reply looks for such links."""
    start_reply_with: str = Field(default="", max_length=2_000)
    """Words every reply begins with."""
    show_reply_start: bool = True
    """Whether those words are shown."""
    send_on_enter: bool = True
    title_badge: bool = True
    generate_title: bool = False


class Account(Held):
    """A person's account, as its owner sees it."""

    id: str
    name: str
    email: str
    role: Role
    created_at: Instant
    choices: Choices = Field(default_factory=Choices)
    banned: bool = False


class Person(Held):
    """An account with what its owner never sees. Never leaves the server."""

    account: Account
    password_hash: str | None = None
    """None for those who sign in at an OIDC issuer."""
    deleting: bool = False
    """Whether the account is being wiped; nobody signs in to it any more."""
    welcomed: bool = True
    """Whether they have been given the characters that come with the product."""


class SignUp(Asked):
    name: UserName
    email: Email
    password: Password
    invitation: str | None = Field(default=None, max_length=100)
    locale: Literal["en", "zh-CN"] = "en"


class SignIn(Asked):
    email: Email
    password: Annotated[SecretStr, Field(max_length=1000)]
    device: str = Field(default="", max_length=120)


class OidcSignIn(Asked):
    """An ID token from the issuer that the settings name, and the nonce the page asked it with."""

    id_token: Annotated[SecretStr, Field(max_length=16_000)]
    nonce: str = Field(min_length=16, max_length=200)
    invitation: str | None = Field(default=None, max_length=100)
    locale: Literal["en", "zh-CN"] = "en"
    device: str = Field(default="", max_length=120)


class SignedIn(Held):
    """The refresh token travels apart, in an HttpOnly cookie."""

    access_token: str
    expires_in_seconds: int
    account: Account


class SignInOptions(Held):
    """What the sign-in page may offer."""

    sign_up: Literal["open", "invitation", "closed"]
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_authorization_url: str | None = None
    """Where the issuer signs people in; None while it does not answer."""
    reset_by_mail: bool = False


class AccountChange(Asked):
    """Fields left out stay as they are; a field of `choices` given as null is cleared."""

    name: UserName | None = None
    choices: "ChoicesChange | None" = None


class ChoicesChange(Asked):
    locale: Literal["en", "zh-CN"] | None = None
    theme: Theme | None = None
    layout: Layout | None = None
    font_px: int | None = Field(default=None, ge=14, le=24)
    connection_id: Id | None = None
    preset_id: Id | None = None
    text_preset_id: Id | None = None
    persona_id: Id | None = None
    instruct_id: Id | None = None
    context_id: Id | None = None
    system_prompt_id: Id | None = None
    reasoning_id: Id | None = None
    thoughts_sent: int | None = Field(default=None, ge=0, le=100)
    start_reply_with: str | None = Field(default=None, max_length=2_000)
    show_reply_start: bool | None = None
    legacy_macros: bool | None = None
    send_on_enter: bool | None = None
    title_badge: bool | None = None
    generate_title: bool | None = None


class PasswordChange(Asked):
    current: Annotated[SecretStr, Field(max_length=1000)]
    new: Password


class ResetAsked(Asked):
    email: Email


class ResetDone(Asked):
    token: str = Field(max_length=200)
    password: Password


class AccountDeletion(Asked):
    """Who signs in at an OIDC issuer has no password; they sign in again first instead."""

    password: Annotated[SecretStr, Field(max_length=1000)] | None = None


class Session(Held):
    """One signed-in device."""

    id: str
    device: str
    created_at: Instant
    last_seen_at: Instant
    address: str
    current: bool = False


class Ticket(Held):
    """A one-time pass for a socket."""

    ticket: str
    url: str
    expires_in_seconds: int


class Usage(Held):
    """What was used today (UTC) and what is allowed."""

    day: str
    replies: int
    replies_allowed: int
    tokens: int
    tokens_allowed: int
    storage_bytes: int
    storage_allowed_bytes: int


class Invitation(Held):
    code: str
    created_at: Instant
    expires_at: Instant
    used_by: str | None = None


class UserChange(Asked):
    """What an admin may change of somebody."""

    role: Role | None = None
    banned: bool | None = None


class UserQuery(Asked):
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=50, ge=1, le=200)


class NewInvitation(Asked):
    days: int = Field(default=14, ge=1, le=365)
    """How long the code is good for."""


class ResetLink(Held):
    url: str
    expires_at: Instant
