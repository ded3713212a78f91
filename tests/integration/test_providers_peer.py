"""Our providers against a model server that nobody here wrote: aimock, which copies the real services' answers."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from botocore.session import Session

from chalicelib.errors import ProviderFailed
from chalicelib.models.connections import ProviderKind
from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import Delta, Prompt, PromptMessage
from chalicelib.providers.bedrock import Bedrock
from chalicelib.providers.guard import Guard
from chalicelib.providers.provider import Access, Provider
from chalicelib.providers.registry import Registry
from chalicelib.providers.wire import Wire

PEERS = Path(__file__).parent.parent / "peers"
SERVER = PEERS / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
LAMP = "The lamp is lit — 灯塔 🐚. Come closer, and mind the last step: it is loose."
PATHS = {"openai_chat": "/v1", "anthropic": "", "gemini": "", "bedrock": ""}


class Purse:
    async def check(self) -> None:
        """There is always enough."""

    async def spend(self, tokens: int) -> None:
        """It does not matter here."""


@pytest.fixture
async def address() -> AsyncIterator[str]:
    assert SERVER.exists(), "The peers are not installed. Run `make integration`."
    node = shutil.which("node")
    assert node, "Node is not installed."
    arguments = ("--port", "0", "--fixtures", str(PEERS / "fixtures.json"), "--chunk-size", "7", "--latency", "1")
    process = await asyncio.create_subprocess_exec(
        node, str(SERVER), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        async for line in process.stdout:
            if b"listening on " in line:
                break
    yield line.decode().rsplit(" ", 1)[1].strip()
    process.terminate()
    await process.stdout.read()
    await process.wait()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire(Guard(private_networks=["127.0.0.0/8"]), stall_seconds=5)
    yield made
    await made.close()


def provider_at(wire: Wire, kind: str, address: str) -> Provider:
    if kind != "bedrock":
        return Registry(wire).provider_for(ProviderKind(kind))
    made = Bedrock(wire, session=Session(), region="us-east-1", models=["amazon.nova-lite-v1:0"], allowance=Purse())
    made.info = made.info.model_copy(update={"address": address})
    return made


async def ask(wire: Wire, kind: str, address: str, said: str) -> list[Delta]:
    model = "amazon.nova-lite-v1:0" if kind == "bedrock" else "gpt-4"
    access = Access(
        owner_id="ada",
        connection_id="c1",
        connection_name="Peer",
        kind=ProviderKind(kind),
        address=address + PATHS[kind],
        model=model,
    )
    messages = [
        PromptMessage(role="system", content="Be Tessa."),
        PromptMessage(role="assistant", content="Come in."),
        PromptMessage(role="user", content=said),
    ]
    prompt = Prompt(messages=messages, samplers=Samplers(temperature=0.5), model=model)
    return [delta async for delta in provider_at(wire, kind, address).stream(prompt, access)]


@pytest.mark.parametrize("kind", PATHS)
async def test_a_reply_comes_whole(address: str, wire: Wire, kind: str) -> None:
    deltas = await ask(wire, kind, address, "Is the lamp lit?")
    assert "".join(delta.text for delta in deltas) == LAMP
    assert len(deltas) > 5
    assert deltas[-1].finish_reason == "stop"


@pytest.mark.parametrize("kind", ["openai_chat", "anthropic", "gemini"])
async def test_reasoning_stays_apart(address: str, wire: Wire, kind: str) -> None:
    deltas = await ask(wire, kind, address, "Please think: left or right?")
    assert "".join(delta.text for delta in deltas) == "Left."
    assert "".join(delta.reasoning for delta in deltas) == "Right is the sea."


@pytest.mark.parametrize("kind", PATHS)
async def test_being_busy_is_told_with_the_time_to_wait(address: str, wire: Wire, kind: str) -> None:
    with pytest.raises(ProviderFailed) as caught:
        await ask(wire, kind, address, "Please overload.")
    assert caught.value.code == "provider_busy"
    assert caught.value.details["retryable"] is True


async def test_openai_lists_its_models(address: str, wire: Wire) -> None:
    access = Access(
        owner_id="ada",
        connection_id="c1",
        connection_name="Peer",
        kind=ProviderKind.openai_chat,
        address=f"{address}/v1",
    )
    models = await Registry(wire).provider_for(access.kind).models(access)
    assert "gpt-4" in [model.id for model in models]
