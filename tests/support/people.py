"""People who call the REST doors through Chalice's own local gateway."""

import json
from functools import cache
from typing import Any
from urllib.parse import urlencode

from chalice.config import Config
from chalice.local import LocalGateway, LocalGatewayException

PASSWORD = "correct horse battery"


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: dict[str, Any], body: bytes) -> None:
        self.status, self.headers, self.body = status, {k.lower(): v for k, v in headers.items()}, body

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def code(self) -> str | None:
        """The error's code, None when it went well."""
        return (self.json or {}).get("error", {}).get("code") if isinstance(self.json, dict) else None

    def __repr__(self) -> str:
        return f"<{self.status} {self.body[:300]!r}>"


class Api:
    """The REST doors, for somebody who is not signed in."""

    def __init__(self, headers: dict[str, str] | None = None) -> None:
        self.headers = headers or {}

    def request(
        self,
        method: str,
        path: str,
        *,
        json_body: Any = None,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Answer:
        """One request; `json_body` is dumped, `data` is sent as it is."""
        sent = {"accept": "*/*", "host": "tavern.example"} | self.headers | (headers or {})
        body = b"" if data is None else data
        if json_body is not None:
            body, sent = json.dumps(json_body).encode(), {"content-type": "application/json"} | sent
        if query:
            path += "?" + urlencode(query)
        try:
            got = _gateway().handle_request(method, path, sent, body)
        except LocalGatewayException as refusal:
            return Answer(refusal.CODE, dict(refusal.headers), (refusal.body or "").encode())
        back = got.get("body") or b""
        many = dict(got.get("multiValueHeaders") or {})
        return Answer(got["statusCode"], {**got["headers"], **many}, back.encode() if isinstance(back, str) else back)

    def get(self, path: str, **query: Any) -> Answer:
        return self.request("GET", path, query=query)

    def post(self, path: str, json: Any = None, **more: Any) -> Answer:
        return self.request("POST", path, json_body={} if json is None and "data" not in more else json, **more)

    def put(self, path: str, json: Any = None, **more: Any) -> Answer:
        return self.request("PUT", path, json_body=json, **more)

    def patch(self, path: str, json: Any = None, **more: Any) -> Answer:
        return self.request("PATCH", path, json_body=json, **more)

    def delete(self, path: str, **query: Any) -> Answer:
        return self.request("DELETE", path, query=query)

    def sign_up(self, name: str = "ada") -> "ApiUser":
        """A new account and its access token."""
        answer = self.post("/auth/sign-up", {"name": name, "email": f"{name}@example.org", "password": PASSWORD})
        assert answer.status == 201, answer
        return ApiUser(answer)


class ApiUser(Api):
    """The REST doors, for somebody who is."""

    def __init__(self, signed_in: Answer) -> None:
        self.account = signed_in.json["account"]
        self.id = self.account["id"]
        self.token = signed_in.json["access_token"]
        super().__init__({"authorization": f"Bearer {self.token}"})


@cache
def _gateway() -> LocalGateway:
    import app

    return LocalGateway(app.app, Config.create(chalice_app=app.app, lambda_timeout=29))
