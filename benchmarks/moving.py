"""How long it takes to move in: a data folder of any size is made up, and taken in by `tavern import` on a local cloud.

    python -m benchmarks.moving make FOLDER --cards 1000 --chats 500
    python -m benchmarks.moving take FOLDER

The second tells wall time and, since a machine may be busy, the processor's time of the import and of the cloud.
With --kill-after 900 it is killed after so many lines of its report and begun again: nothing may be there twice.
With --page it is sent and taken as the page does it; then the worker is what is killed.
"""

import argparse
import base64
import io
import json
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks import moving_page

EMAIL = "bench@example.org"
PICTURE = (512, 768)
PICTURES = 16
"""Different ones: all cards differ, their portraits need not."""
WORDS = [
    *("lantern", "harbour", "tide", "rope", "gull", "letter", "winter", "captain"),
    *("river", "cellar", "garden", "thread", "bell", "stone", "copper"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("deed", choices=["make", "take"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cards", type=int, default=1000)
    parser.add_argument("--chats", type=int, default=500)
    parser.add_argument("--messages", type=int, default=250, help="of each chat")
    parser.add_argument("--kill-after", type=int, default=0, metavar="LINES", help="kill it then, and begin it again")
    parser.add_argument("--page", action="store_true", help="by slices and a job, as the page does it")
    asked = parser.parse_args()
    if asked.deed == "make":
        print(f"{make(asked.folder, asked.cards, asked.chats, asked.messages) / 1e6:.0f} MB")
    else:
        print(json.dumps(take(asked.folder, asked.kill_after, by_page=asked.page), indent=2))


def make(folder: Path, cards: int, chats: int, messages: int) -> int:
    """Writes a data folder; its bytes."""
    dice, size = random.Random(4), 0
    pictures = [_picture(dice) for _ in range(PICTURES)]
    for number in range(cards):
        size += _write(folder / f"characters/Person {number:04d}.png", _card(pictures[number % PICTURES], number, dice))
    for number in range(chats):
        place = folder / f"chats/Person {number % max(1, cards):04d}/Chat {number:04d}.jsonl"
        size += _write(place, _chat(number, messages, dice))
    tags = [{"id": str(number), "name": f"tag {number}"} for number in range(30)]
    tag_map = {f"Person {number:04d}.png": [str(number % 30)] for number in range(cards)}
    return size + _write(folder / "settings.json", json.dumps({"tags": tags, "tag_map": tag_map}).encode())


def take(folder: Path, kill_after: int, *, by_page: bool = False) -> dict[str, Any]:
    """Takes the folder in on a cloud of its own; the figures. `kill_after` items it is killed, and begun again."""
    from cli.main import environment_of
    from devcloud.supervisor import Cloud

    with tempfile.TemporaryDirectory() as data:
        cloud = Cloud(Path(data), port=0, workers=1, settings={"TAVERN_STORAGE_BYTES": "20000000000"})
        cloud.start()
        try:
            os.environ.update(environment_of(Path(data) / "environment"))
            token = _sign_up(cloud.url)
            if by_page:
                archive = Path(data) / "archive.zip"
                moving_page.pack(folder, archive)
                runs = [moving_page.take(cloud, moving_page.Page(cloud.url, token), archive, kill_after=kill_after)]
            else:
                runs = [_import(folder, kill_after)] if kill_after else []
                runs.append(_import(folder, 0))
            here = _counted()
        finally:
            cloud.stop()
    return {
        "runs": runs,
        "processor seconds of the cloud, its start included": round(
            _spent() - sum(r.get("processor seconds", 0) for r in runs), 1
        ),
        "here": here,
    }


def _import(folder: Path, kill_after: int) -> dict[str, Any]:
    """One `tavern import`; killed as by a power cut after so many lines of its report, 0 for never."""
    command = [sys.executable, "-m", "cli.main", "import", str(folder), "--email", EMAIL]
    before, began = _spent(), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if kill_after and len(lines) >= kill_after:
            process.kill()
            break
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "wall seconds": round(time.monotonic() - began, 1),
        "processor seconds": round(_spent() - before, 1),
        "memory at most, MB": used.ru_maxrss // 1024,
        "lines": len(lines),
        "became": lines[-6:] if not kill_after else ["killed"],
    }


def _counted() -> dict[str, int]:
    """How many characters and chats there are by now, those that come with an account included."""
    from chalicelib.container import container
    from chalicelib.models.characters import CharacterQuery
    from chalicelib.models.chats import ChatQuery
    from chalicelib.models.users import User

    account = container().accounts.find_by_email(EMAIL)
    assert account
    user, found = User(id=account.id, session_id=""), {"characters": 0, "chats": 0}
    people, chats = container().characters, container().chats
    cursor: str | None = None
    while True:
        page = people.list_page(user, CharacterQuery(limit=200, cursor=cursor))
        found["characters"] += len(page.items)
        if (cursor := page.next) is None:
            break
    while True:
        listed = chats.list(user, ChatQuery(limit=100, cursor=cursor))
        found["chats"] += len(listed.items)
        if (cursor := listed.next) is None:
            return found


def _spent() -> float:
    """Processor seconds of what ran and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _sign_up(url: str) -> str:
    """The token of somebody new."""
    from urllib.request import Request, urlopen

    account = {"name": "bench", "email": EMAIL, "password": "correct horse battery"}
    headers = {"Content-Type": "application/json", "Idempotency-Key": "bench"}
    with urlopen(Request(f"{url}/api/auth/sign-up", json.dumps(account).encode(), headers), timeout=60) as answer:
        token: str = json.loads(answer.read())["access_token"]
        return token


def _picture(dice: random.Random) -> bytes:
    """Half of it noise, so that it is as large as portraits are."""
    noise = Image.frombytes("RGB", PICTURE, dice.randbytes(PICTURE[0] * PICTURE[1] * 3))
    plain = Image.linear_gradient("L").resize(PICTURE).convert("RGB")
    plain.paste(noise.crop((0, 0, PICTURE[0], PICTURE[1] // 2)), (0, PICTURE[1] // 2))
    made = io.BytesIO()
    plain.save(made, "PNG", compress_level=1)
    return made.getvalue()


def _card(picture: bytes, number: int, dice: random.Random) -> bytes:
    fields = {
        "name": f"Person {number}",
        "description": _prose(dice, 400),
        "first_mes": _prose(dice, 120),
        "mes_example": _prose(dice, 200),
        "tags": [dice.choice(WORDS)],
    }
    card = base64.b64encode(json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": fields}).encode())
    body = b"chara\0" + card
    chunk = struct.pack(">I", len(body)) + b"tEXt" + body + struct.pack(">I", zlib.crc32(b"tEXt" + body))
    at = picture.index(b"IDAT") - 4
    return picture[:at] + chunk + picture[at:]


def _chat(number: int, messages: int, dice: random.Random) -> bytes:
    lines: list[dict[str, Any]] = [{"chat_metadata": {}, "user_name": "unused", "character_name": "unused"}]
    for place in range(messages):
        mine = place % 2 == 0
        text = _prose(dice, 40 if mine else 150)
        line: dict[str, Any] = {"name": "Ada" if mine else "Person", "is_user": mine, "mes": text, "extra": {}}
        line["send_date"] = f"2025-01-{1 + place % 28:02d}T10:00:00.000Z"
        if not mine:
            line |= {"swipes": [text, _prose(dice, 150), _prose(dice, 150)], "swipe_id": 0, "swipe_info": []}
        lines.append(line)
    return "\n".join(map(json.dumps, lines)).encode()


def _prose(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(WORDS, k=words))


def _write(place: Path, data: bytes) -> int:
    place.parent.mkdir(parents=True, exist_ok=True)
    return place.write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
