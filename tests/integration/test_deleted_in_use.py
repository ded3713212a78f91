"""What is deleted while something still names it: the next reply goes on without it, or says what is missing."""

from tests.support.replies import Stage


def asked(stage: Stage) -> str:
    """All that the model was asked last."""
    return str(stage.model.requests[-1])


async def test_a_chat_whose_persona_is_gone_goes_on_under_the_persons_own_name(stage: Stage) -> None:
    persona = stage.person.post("/personas", {"name": "Captain", "description": "Has one eye."}).json["id"]
    stage.person.patch(f"/chats/{stage.chat['id']}", {"persona_id": persona})
    stage.person.patch("/account", {"choices": {"persona_id": persona}})
    assert stage.person.delete(f"/personas/{persona}").status == 204
    stage.started("Hello?")
    await stage.work()
    said, reply = stage.messages()[-2:]
    assert (said["name"], reply["role"], reply["reply"]["finish_reason"]) == ("ada", "assistant", "stop")
    assert "one eye" not in asked(stage)


async def test_a_preset_that_is_gone_gives_way_to_the_default(stage: Stage) -> None:
    preset = stage.person.post("/presets", {"name": "Odd", "main_prompt": "Speak in riddles."}).json["id"]
    stage.person.patch("/account", {"choices": {"preset_id": preset}})
    for one in stage.person.get("/presets").json["items"]:
        assert stage.person.delete(f"/presets/{one['id']}").status == 204
    stage.started("Hello?")
    await stage.work()
    assert stage.messages()[-1]["reply"]["finish_reason"] == "stop"
    assert "riddles" not in asked(stage)


async def test_a_turn_that_names_a_connection_that_is_gone_says_so(stage: Stage) -> None:
    assert stage.person.delete(f"/connections/{stage.connection_id}").status == 204
    generation = stage.started("Hello?")
    await stage.work()
    ended = stage.person.get(f"/generations/{generation['id']}").json
    assert (ended["finish_reason"], ended["error_code"]) == ("error", "not_found")
    assert ended["error_message"] == "There is no such connection. It may have been deleted."
    assert stage.turn("Again?", connection_id=None).status == 202


async def test_a_chosen_connection_that_is_gone_gives_way_to_the_demo(stage: Stage) -> None:
    stage.person.patch("/account", {"choices": {"connection_id": stage.connection_id}})
    stage.person.delete(f"/connections/{stage.connection_id}")
    stage.started("Hello?", connection_id=None)
    await stage.work()
    assert stage.messages()[-1]["reply"]["connection"] == "Demo"


async def test_a_fallback_that_is_gone_is_passed_over(stage: Stage) -> None:
    spare = {"name": "Spare", "kind": "openai_chat", "address": stage.model.address, "model": "m"}
    fallback = stage.person.post("/connections", spare).json["id"]
    mine = stage.person.get(f"/connections/{stage.connection_id}").json
    change = {"revision": mine["revision"], "fallback_id": fallback}
    assert stage.person.patch(f"/connections/{stage.connection_id}", change).status == 200
    stage.person.delete(f"/connections/{fallback}")
    stage.started("Hello?")
    await stage.work()
    assert stage.messages()[-1]["reply"]["finish_reason"] == "stop"


async def test_a_chat_whose_character_is_gone_can_be_read_and_taken_along(stage: Stage) -> None:
    character = stage.chat["character_id"]
    assert stage.person.delete(f"/characters/{character}/forever").status == 204
    place = f"/chats/{stage.chat['id']}"
    assert stage.person.get(place).json["page"]["messages"][0]["text"] == "The lamp is lit."
    assert [chat["id"] for chat in stage.person.get("/chats").json["items"]] == [stage.chat["id"]]
    for format in ("jsonl", "text"):
        assert stage.person.post(f"{place}/export?format={format}").status == 200
    assert stage.person.post("/chats", {"character_id": character}).status == 404


async def test_a_turn_with_a_character_that_is_gone_says_so(stage: Stage) -> None:
    assert stage.person.delete(f"/characters/{stage.chat['character_id']}/forever").status == 204
    generation = stage.started("Hello?")
    await stage.work()
    ended = stage.person.get(f"/generations/{generation['id']}").json
    assert (ended["finish_reason"], ended["error_code"]) == ("error", "not_found")
    assert ended["error_message"] == "There is no such character. It may have been deleted for good."
    assert stage.messages()[-1]["text"] == "Hello?"
