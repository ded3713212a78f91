"""Moving in as the page does it: an archive is sent in slices, a job takes it in, and somebody asks how far it is."""

import io
import json
import time
import zipfile
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from devcloud.supervisor import Cloud

_BOUNDARY = "----slice"
_PAUSE_SECONDS = 1.0
FORMS_AT_ONCE = 6


class Page:
    """Somebody who is signed in."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"{self._url}/api{path}", data, headers, method=method), timeout=120) as answer:
            return json.loads(answer.read() or b"null")

    def send(self, archive: Path, *, again: bool) -> dict[str, Any]:
        """The move of an archive that has arrived. With `again` half of it first, as if the page was closed then."""
        size = archive.stat().st_size
        kinds = ["characters", "tags", "chats", "preferences"]
        move: dict[str, Any] = self.ask("POST", "/moves", {"name": archive.name, "size": size, "kinds": kinds})
        for upto in (0.5, 1.0) if again else (1.0,):
            there = self.ask("GET", f"/moves/{move['id']}/slices")
            missing = [number for number in range(int(there["count"] * upto)) if number not in there["there"]]
            self._send(archive, move["id"], missing, there["slice_bytes"])
        return move

    def _send(self, archive: Path, move_id: str, missing: list[int], step: int) -> None:
        with archive.open("rb") as file:
            while missing:
                numbers, missing = missing[:FORMS_AT_ONCE], missing[FORMS_AT_ONCE:]
                forms = self.ask("POST", f"/moves/{move_id}/slices", {"numbers": numbers})
                for number, form in zip(numbers, forms, strict=True):
                    file.seek(number * step)
                    body, headers = _form(form["fields"], file.read(step))
                    with urlopen(Request(form["url"], body, headers), timeout=120) as answer:
                        answer.read()


def pack(folder: Path, archive: Path) -> None:
    """The folder as the page packs it: nothing is pressed together."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as made:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            made.write(path, path.relative_to(folder).as_posix())


def take(cloud: Cloud, page: Page, archive: Path, *, kill_after: int) -> dict[str, Any]:
    """The figures of one move. `kill_after` items its worker is killed as by a power cut; 0 for never."""
    began = time.monotonic()
    move = page.send(archive, again=bool(kill_after))
    sent = time.monotonic() - began
    page.ask("POST", f"/moves/{move['id']}/begin")
    killed = 0
    while (now := page.ask("GET", f"/moves/{move['id']}"))["status"] == "running":
        if kill_after and not killed and now.get("done", 0) >= kill_after:
            killed = now["done"]
            cloud.kill("worker-1")
        time.sleep(_PAUSE_SECONDS)
    whole = time.monotonic() - began
    return {
        "seconds until it was sent": round(sent, 1),
        "seconds": round(whole, 1),
        "killed after": killed,
        **{key: now[key] for key in ("status", "done", "total", "counts")},
        "lines": _lines(page, move["id"]),
    }


def _lines(page: Page, move_id: str) -> int:
    count, cursor = 0, ""
    while True:
        asked = page.ask("GET", f"/moves/{move_id}/lines?limit=200" + (f"&cursor={cursor}" if cursor else ""))
        count += len({line["position"] for line in asked["items"]})
        if not asked["next"]:
            return count
        cursor = asked["next"].replace("#", "%23")


def _form(fields: dict[str, str], content: bytes) -> tuple[bytes, dict[str, str]]:
    made = io.BytesIO()
    for name, value in fields.items():
        made.write(f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    made.write(f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="slice"\r\n\r\n'.encode())
    made.write(content)
    made.write(f"\r\n--{_BOUNDARY}--\r\n".encode())
    return made.getvalue(), {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
