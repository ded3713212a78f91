"""Signing up, in and out. The refresh token travels in a cookie that no script can read and no other site can send."""

import re
from typing import TYPE_CHECKING

from chalicelib.container import container
from chalicelib.entrypoints.journal import journal
from chalicelib.entrypoints.rest.routing import Reply, Request, Routes
from chalicelib.errors import Unauthenticated
from chalicelib.models.users import OidcSignIn, ResetAsked, ResetDone, SignedIn, SignIn, SignInOptions, SignUp

if TYPE_CHECKING:
    from chalicelib.services.sessions import Opened

REFRESH_COOKIE = "tavern_refresh"

routes = Routes("auth", prefix="/auth")


@routes.get("/options")
def sign_in_options() -> SignInOptions:
    return container().accounts.options()


@routes.post("/sign-up", status=201)
def sign_up(body: SignUp, request: Request) -> Reply[SignedIn]:
    container().limits.check_address(request.address)
    return _signed_in(container().accounts.sign_up(body, device=_device(request), address=request.address))


@routes.post("/sign-in")
def sign_in(body: SignIn, request: Request) -> Reply[SignedIn]:
    container().limits.check_address(request.address)
    container().limits.check_name(body.email)
    device = body.device or _device(request)
    return _signed_in(container().accounts.sign_in(body, device=device, address=request.address))


@routes.post("/oidc")
def sign_in_by_oidc(body: OidcSignIn, request: Request) -> Reply[SignedIn]:
    container().limits.check_address(request.address)
    device = body.device or _device(request)
    return _signed_in(container().accounts.sign_in_by_oidc(body, device=device, address=request.address))


@routes.post("/refresh")
def refresh(request: Request) -> Reply[SignedIn]:
    token = request.cookies.get(REFRESH_COOKIE)
    if not token:
        raise Unauthenticated("You are signed out. Sign in again.", code="session_ended")
    return _signed_in(container().sessions.refresh(token, address=request.address))


@routes.post("/sign-out")
def sign_out(request: Request) -> Reply[None]:
    container().sessions.sign_out(request.cookies.get(REFRESH_COOKIE, ""))
    return Reply(None, cookies=[_cookie("", 0)])


@routes.post("/password-reset")
def request_password_reset(body: ResetAsked, request: Request) -> None:
    """Always answers the same, whether or not somebody has this address."""
    container().limits.check_address(request.address)
    container().limits.check_mail(body.email)
    container().accounts.request_reset(body.email)


@routes.post("/password-reset/confirm")
def finish_password_reset(body: ResetDone, request: Request) -> None:
    container().limits.check_address(request.address)
    container().accounts.finish_reset(body.token, body.password.get_secret_value())


def _signed_in(opened: "Opened") -> Reply[SignedIn]:
    try:
        container().accounts.welcome(opened.person)
    except Exception:  # noqa: BLE001  what is given beside the account must not cost it
        # Who has an account shall get in, if need be without their first characters: the next way in tries again.
        journal().exception("a welcome failed")
    value = SignedIn(
        access_token=opened.access_token, expires_in_seconds=opened.access_seconds, account=opened.person.account
    )
    return Reply(value, cookies=[_cookie(opened.refresh_token, opened.refresh_seconds)])


def _cookie(value: str, max_age: int) -> str:
    secure = "; Secure" if container().settings.public_url.startswith("https:") else ""
    return f"{REFRESH_COOKIE}={value}; Path=/api/auth; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}"


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def _device(request: Request) -> str:
    """A name for the device, by which its owner knows it again in the list of sessions."""
    agent = request.headers.get("user-agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    named = " · ".join(part for part in (browser, system) if part)
    return named or re.sub(r"[^ -~]", "", agent)[:60]
