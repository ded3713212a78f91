"""From a scene to the prompt of one reply. docs/prompting.md describes what comes where, and why.

Nothing here looks at a clock, throws dice of its own or reads anything: the scene has it all.
"""

from typing import Literal, cast

from chalicelib.models.prompt import Prompt, PromptMessage
from chalicelib.models.scenes import Scene
from chalicelib.prompting.asking import custom_stops, lead_of, replies_of, samplers_of, token_bias
from chalicelib.prompting.budget import Piece
from chalicelib.prompting.chat import choose
from chalicelib.prompting.explaining import Explaining
from chalicelib.prompting.joining import Speakers, joined
from chalicelib.prompting.material import Material
from chalicelib.prompting.preparing import prepare
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.text.assemble import assemble_text
from chalicelib.prompting.values import heard


def assemble(scene: Scene, patterns: Patterns) -> Prompt:
    """The prompt, and its manifest for who asks. `lacking` says what found no room though it must be there.

    Raises Invalid (`prompt_too_long`) when macros make a text grow without measure. The scene's variables are changed.
    """
    material = prepare(scene, patterns)
    prompt = assemble_text(material) if scene.api == "text" else _chat(material)
    timed = material.scanned.timed if material.scanned else None
    return prompt.model_copy(update={"timed": timed, "begins": "" if scene.action.kind == "quiet" else material.bias})


def _chat(material: Material) -> Prompt:
    scene = material.scene
    chosen = choose(material)
    speakers = Speakers(material.user, material.char, heard(scene.group))
    pieces = joined(chosen.pieces, scene.preset, speakers)
    continued = material.continued
    as_user = scene.action.kind == "impersonate" or (continued is not None and continued.message.role == "user")
    return Prompt.model_construct(
        messages=[_message(piece) for piece in pieces],
        samplers=samplers_of(scene),
        model=scene.model,
        stop=custom_stops(scene, material.macros),
        replies=replies_of(scene),
        bias=token_bias(scene.preset.bias, scene.encode) if scene.preset.bias else {},
        prefill=continued.text if continued else "",
        lead=lead_of(scene, material.macros),
        verbosity=scene.preset.verbosity,
        system_apart=scene.preset.system_apart,
        web_search=scene.preset.web_search,
        tools=[],
        speaker=material.user if as_user else material.char,
        character_name=material.char,
        user_name=material.user,
        tokens=chosen.spent,
        flat="",
        flat_stop=[],
        explain=Explaining(material, pieces, chosen.left_out, tokens=chosen.spent),
        timed=None,
        lacking=cast(Literal["", "cards", "history"], chosen.lacking),
    )


def _message(piece: Piece) -> PromptMessage:
    return PromptMessage(
        role=piece.role,
        content=piece.content,
        name=piece.name,
        source=piece.source,
        tokens=piece.tokens,
        pictures=piece.pictures,
    )
