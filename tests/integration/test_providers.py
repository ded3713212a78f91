"""Each provider against its documented stream, sent by a real HTTP server in pieces of awkward sizes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from botocore.session import Session
from pydantic import SecretStr

from chalicelib.errors import Invalid, QuotaExceeded
from chalicelib.models.connections import ModelInfo, ProviderKind
from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import Delta, Prompt, PromptMessage, TokenUsage
from chalicelib.prompting.flatten import flattened
from chalicelib.providers.bedrock import Bedrock
from chalicelib.providers.demo import Demo
from chalicelib.providers.guard import Guard
from chalicelib.providers.provider import Access
from chalicelib.providers.registry import Registry
from chalicelib.providers.wire import Wire
from tests.support.upstream import Upstream, upstream

KEY = "sk-secret-0123456789abcdef"


class Purse:
    def __init__(self) -> None:
        self.spent = 0
        self.empty = False

    async def check(self) -> None:
        if self.empty:
            raise QuotaExceeded("It is used up.")

    async def spend(self, tokens: int) -> None:
        self.spent += tokens


@pytest.fixture
async def server() -> AsyncIterator[Upstream]:
    async with upstream() as made:
        yield made


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire(Guard(private_networks=["127.0.0.0/8"]), stall_seconds=5)
    yield made
    await made.close()


def access(server: Upstream, kind: str, *, path: str = "", model: str = "test-model") -> Access:
    return Access(
        owner_id="ada",
        connection_id="c1",
        connection_name="My server",
        kind=ProviderKind(kind),
        address=server.address + path,
        key=SecretStr(KEY),
        model=model,
    )


def prompt(**samplers: object) -> Prompt:
    messages = [
        PromptMessage(role="system", content="Be Tessa.", source="main"),
        PromptMessage(role="assistant", content="Hello.", source="history:1"),
        PromptMessage(role="user", content="Is the lamp lit?", source="history:2"),
        PromptMessage(role="system", content="Stay calm.", source="post_history"),
    ]
    return flattened(
        Prompt(
            messages=messages,
            samplers=Samplers.model_validate({"reply_tokens": 50, **samplers}),
            model="test-model",
            stop=["THE END"],
            speaker="Tessa",
            character_name="Tessa",
            user_name="Robin",
            tokens=40,
        )
    )


async def reply(wire: Wire, used: Access, asked: Prompt | None = None) -> tuple[str, str, Delta]:
    """Text, reasoning and the last delta."""
    provider = Registry(wire).provider_for(used.kind)
    deltas = [delta async for delta in provider.stream(asked or prompt(), used)]
    assert [delta.finish_reason is not None for delta in deltas] == [False] * (len(deltas) - 1) + [True]
    return "".join(d.text for d in deltas), "".join(d.reasoning for d in deltas), deltas[-1]


@pytest.mark.parametrize("every", [1, 7, 4096])
async def test_openai_chat_yields_text_and_usage(server: Upstream, wire: Wire, every: int) -> None:
    server.replays("openai_chat.sse", every=every)
    text, reasoning, last = await reply(wire, access(server, "openai_chat", path="/v1"))
    assert (text, reasoning) == ("The lamp is lit — 灯塔 🐚.", "")
    assert last == Delta(finish_reason="stop", usage=TokenUsage(prompt_tokens=31, reply_tokens=12))


async def test_openai_chat_sends_messages_samplers_and_the_key(server: Upstream, wire: Wire) -> None:
    server.replays("openai_chat.sse", every=4096)
    await reply(wire, access(server, "openai_chat", path="/v1"), prompt(temperature=0.7, min_p=0.1, seed=-1))
    assert server.requests[0].path == "/v1/chat/completions"
    assert server.requests[0].headers["Authorization"] == f"Bearer {KEY}"
    assert server.bodies[0] == {
        "model": "test-model",
        "messages": [
            {"role": "system", "content": "Be Tessa."},
            {"role": "assistant", "content": "Hello."},
            {"role": "user", "content": "Is the lamp lit?"},
            {"role": "system", "content": "Stay calm."},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 50,
        "temperature": 0.7,
        "min_p": 0.1,
        "stop": ["THE END"],
    }


@pytest.mark.parametrize("every", [1, 4096])
async def test_openai_chat_keeps_reasoning_apart_and_skips_comments(server: Upstream, wire: Wire, every: int) -> None:
    server.replays("openai_reasoning.sse", every=every)
    text, reasoning, last = await reply(wire, access(server, "openai_chat"))
    assert (text, reasoning, last.finish_reason) == ("*She waves.*", "She would wave first.", "length")
    assert last.usage == TokenUsage(prompt_tokens=9, reply_tokens=20, reasoning_tokens=6)


async def test_openai_chat_puts_tool_calls_together(server: Upstream, wire: Wire) -> None:
    server.replays("openai_tools.sse", every=5)
    _, _, last = await reply(wire, access(server, "openai_chat"))
    assert last.tool_calls == [
        {"id": "call_1", "name": "roll_dice", "arguments": '{"sides":6}'},
        {"id": "call_2", "name": "look", "arguments": "{}"},
    ]


async def test_openai_chat_reads_a_server_that_does_not_stream(server: Upstream, wire: Wire) -> None:
    server.answers(
        {"choices": [{"message": {"role": "assistant", "content": "All at once."}, "finish_reason": "stop"}]}
    )
    text, _, last = await reply(wire, access(server, "openai_chat"))
    assert (text, last.finish_reason) == ("All at once.", "stop")


@pytest.mark.parametrize("every", [1, 4096])
async def test_openai_text_completes_a_flat_prompt(server: Upstream, wire: Wire, every: int) -> None:
    server.replays("openai_text.sse", every=every)
    text, _, last = await reply(wire, access(server, "openai_text"))
    assert (text, last.finish_reason) == ("The tide turns.", "stop")
    assert server.bodies[0]["prompt"] == "Be Tessa.\nTessa: Hello.\nRobin: Is the lamp lit?\nStay calm.\nTessa:"
    assert server.bodies[0]["stop"] == ["\nRobin:", "THE END"]


@pytest.mark.parametrize("every", [1, 4096])
async def test_koboldcpp_streams_tokens(server: Upstream, wire: Wire, every: int) -> None:
    server.replays("koboldcpp.sse", every=every)
    text, _, last = await reply(wire, access(server, "koboldcpp"))
    assert (text, last) == ("The tide turns — 潮.", Delta(finish_reason="length"))
    assert server.requests[0].path == "/api/extra/generate/stream"
    assert server.bodies[0]["stop_sequence"] == ["\nRobin:", "THE END"]


@pytest.mark.parametrize("every", [1, 4096])
async def test_llamacpp_streams_content(server: Upstream, wire: Wire, every: int) -> None:
    server.replays("llamacpp.sse", every=every)
    text, _, last = await reply(wire, access(server, "llamacpp"))
    assert text == "The tide turns."
    assert last == Delta(finish_reason="stop", usage=TokenUsage(prompt_tokens=20, reply_tokens=4))


@pytest.mark.parametrize("every", [1, 4096])
async def test_anthropic_streams_thinking_text_and_tool_calls(server: Upstream, wire: Wire, every: int) -> None:
    server.replays("anthropic.sse", every=every)
    text, reasoning, last = await reply(wire, access(server, "anthropic"))
    assert (text, reasoning) == ("“Come in,” she says. 🐚", "A storm. She is calm.")
    assert last == Delta(
        finish_reason="stop",
        usage=TokenUsage(prompt_tokens=30, reply_tokens=17),
        tool_calls=[{"id": "toolu_1", "name": "look", "arguments": '{"at":"sea"}'}],
    )


async def test_anthropic_gets_one_system_text_and_alternating_turns(server: Upstream, wire: Wire) -> None:
    server.replays("anthropic.sse", every=4096)
    await reply(wire, access(server, "anthropic"), prompt(temperature=1.4, top_p=0.9))
    assert server.requests[0].headers["x-api-key"] == KEY
    assert server.bodies[0] == {
        "model": "test-model",
        "system": "Be Tessa.",
        "messages": [
            {"role": "user", "content": "…"},
            {"role": "assistant", "content": "Hello."},
            {"role": "user", "content": "Is the lamp lit?\n\nStay calm."},
        ],
        "stream": True,
        "max_tokens": 50,
        "stop_sequences": ["THE END"],
        "temperature": 1.0,
    }


@pytest.mark.parametrize("every", [1, 4096])
async def test_gemini_streams_thoughts_and_text(server: Upstream, wire: Wire, every: int) -> None:
    server.replays("gemini.sse", every=every)
    text, reasoning, last = await reply(wire, access(server, "gemini", model="models/gemini-test"))
    assert (text, reasoning) == ("“灯塔” means lighthouse.", "Weighing the words.")
    assert last.usage == TokenUsage(prompt_tokens=14, reply_tokens=13, reasoning_tokens=5)
    assert server.requests[0].path_qs == "/v1beta/models/gemini-test:streamGenerateContent?alt=sse"
    assert server.bodies[0]["contents"][1] == {"role": "model", "parts": [{"text": "Hello."}]}
    assert server.bodies[0]["systemInstruction"] == {"parts": [{"text": "Be Tessa."}]}


def bedrock(wire: Wire, purse: Purse, server: Upstream) -> Bedrock:
    session = Session()
    session.set_credentials("the-operator", "a secret")
    made = Bedrock(wire, session=session, region="us-east-1", models=["test-model:0"], allowance=purse)
    made.info = made.info.model_copy(update={"address": server.address})
    return made


@pytest.mark.parametrize("every", [1, 4096])
async def test_bedrock_reads_the_binary_event_stream_and_counts_what_it_costs(
    server: Upstream, wire: Wire, every: int
) -> None:
    server.replays("bedrock.jsonl", every=every)
    server.headers = {"Content-Type": "application/vnd.amazon.eventstream"}
    purse = Purse()
    used = access(server, "bedrock", model="test-model:0")
    deltas = [delta async for delta in bedrock(wire, purse, server).stream(prompt(), used)]
    assert "".join(delta.text for delta in deltas) == "The tide turns — 潮."
    assert deltas[0].reasoning == "Hm."
    assert deltas[-1] == Delta(finish_reason="length", usage=TokenUsage(prompt_tokens=21, reply_tokens=7))
    assert purse.spent == 28
    assert server.requests[0].raw_path == "/model/test-model%3A0/converse-stream"
    assert server.requests[0].headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=the-operator/")
    assert KEY not in str(server.requests[0].headers)


async def test_bedrock_answers_only_for_listed_models_and_within_the_allowance(server: Upstream, wire: Wire) -> None:
    purse = Purse()
    provider = bedrock(wire, purse, server)
    with pytest.raises(Invalid):
        await anext(provider.stream(prompt(), access(server, "bedrock", model="another")))
    purse.empty = True
    with pytest.raises(QuotaExceeded):
        await anext(provider.stream(prompt(), access(server, "bedrock", model="test-model:0")))
    assert server.requests == []


@pytest.mark.parametrize("kind", ["openai_chat", "anthropic", "gemini", "koboldcpp", "llamacpp", "openai_text"])
async def test_closing_the_generator_ends_the_request_at_once(server: Upstream, wire: Wire, kind: str) -> None:
    samples = {"openai_chat": "openai_chat", "openai_text": "openai_text"}
    server.replays(f"{samples.get(kind, kind)}.sse", every=4096)
    server.pieces = [server.pieces[0].replace(b"\r\n", b"\n").rsplit(b"\n\n", 3)[0] + b"\n\n"]
    server.silent_after = 1
    provider = Registry(wire).provider_for(ProviderKind(kind))
    async with aclosing(provider.stream(prompt(), access(server, kind))) as deltas:
        first = await anext(deltas)
        assert first.text or first.reasoning
    async with asyncio.timeout(1):
        await server.hung_up.wait()


KINDS = ["openai_chat", "anthropic", "gemini", "koboldcpp", "llamacpp", "openai_text", "bedrock"]


@pytest.mark.parametrize("mute", [True, False], ids=["before its status", "after its status"])
@pytest.mark.parametrize("kind", KINDS)
async def test_cancelling_the_reader_ends_the_request_while_the_model_is_silent(
    server: Upstream, wire: Wire, kind: str, mute: bool
) -> None:
    server.silent_after, server.mute = 0, mute
    used = access(server, kind, model="test-model:0")
    provider = bedrock(wire, Purse(), server) if kind == "bedrock" else Registry(wire).provider_for(ProviderKind(kind))

    async def read() -> None:
        async with aclosing(provider.stream(prompt(), used)) as deltas:
            async for _ in deltas:
                pass

    reading = asyncio.create_task(read())
    while not server.requests:
        await asyncio.sleep(0.01)
    reading.cancel()
    async with asyncio.timeout(2):
        await server.hung_up.wait()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_a_finished_stream_leaves_its_connection_for_the_next(server: Upstream, wire: Wire) -> None:
    server.replays("openai_chat.sse", every=4096)
    used = access(server, "openai_chat")
    await reply(wire, used)
    await reply(wire, used)
    peers = {request._transport_peername for request in server.requests}
    assert len(peers) == 1


@pytest.mark.parametrize(
    ("kind", "answer", "models"),
    [
        ("openai_chat", {"data": [{"id": "a", "context_length": 8192}, {"id": "b"}]}, [("a", 8192), ("b", None)]),
        ("koboldcpp", {"result": "koboldcpp/tiny", "value": 4096}, [("koboldcpp/tiny", 4096)]),
        ("llamacpp", {"data": [{"id": "tiny.gguf", "meta": {"n_ctx_train": 2048}}]}, [("tiny.gguf", 2048)]),
        ("anthropic", {"data": [{"id": "claude-test", "display_name": "Claude Test"}]}, [("claude-test", None)]),
        (
            "gemini",
            {
                "models": [
                    {
                        "name": "models/g-1",
                        "inputTokenLimit": 1000,
                        "supportedGenerationMethods": ["generateContent"],
                    },
                    {"name": "models/embed", "supportedGenerationMethods": ["embedContent"]},
                ]
            },
            [("g-1", 1000)],
        ),
    ],
)
async def test_models_are_listed_live(
    server: Upstream, wire: Wire, kind: str, answer: object, models: list[tuple[str, int | None]]
) -> None:
    server.answers(answer)
    listed = await Registry(wire).provider_for(ProviderKind(kind)).models(access(server, kind))
    assert [(model.id, model.context_tokens) for model in listed] == models


async def test_the_demo_tells_the_same_from_the_same_in_its_instant_model() -> None:
    used = Access(
        owner_id="ada",
        connection_id="demo",
        connection_name="Demo",
        kind=ProviderKind.demo,
        address="",
        model="demo-instant",
    )
    runs = [[delta async for delta in Demo().stream(prompt(reply_tokens=600), used)] for _ in range(2)]
    assert runs[0] == runs[1]
    assert "Tessa" in "".join(delta.text for delta in runs[0])
    assert runs[0][-1].finish_reason == "stop"
    assert await Demo().models(used) == [
        ModelInfo(id="demo", title="Demo, at the pace of a model"),
        ModelInfo(id="demo-instant", title="Demo, all at once and always the same"),
    ]


async def test_the_demo_ends_where_the_reply_may_be_no_longer() -> None:
    used = Access(
        owner_id="ada",
        connection_id="demo",
        connection_name="Demo",
        kind=ProviderKind.demo,
        address="",
        model="demo-instant",
    )
    deltas = [delta async for delta in Demo().stream(prompt(reply_tokens=5), used)]
    assert len(deltas) == 6
    assert deltas[-1].finish_reason == "length"
