"""The prompt for text completion: one text made by the chosen templates, and where its reply stops."""

from typing import Literal, cast

from chalicelib.models.prompt import Prompt, PromptMessage
from chalicelib.prompting.asking import custom_stops, token_bias
from chalicelib.prompting.explaining import Explaining
from chalicelib.prompting.material import Material
from chalicelib.prompting.text.choosing import cast_of, hand_of, write
from chalicelib.prompting.text.sampling import samplers_of
from chalicelib.prompting.text.stops import stop_strings
from chalicelib.prompting.text.trimming import collapsed


def assemble_text(material: Material) -> Prompt:
    """The prompt, and its manifest for who asks. `lacking` says what found no room though it must be there."""
    scene, continued = material.scene, material.continued
    by_cast = cast_of(material)
    hand = hand_of(by_cast)
    written = write(material, by_cast, hand)
    continues_user = continued is not None and continued.message.role == "user"
    as_user = scene.action.kind == "impersonate" or continues_user
    return Prompt.model_construct(
        messages=[
            PromptMessage.model_construct(
                role=piece.role, content=piece.content, name=None, source=piece.source, tokens=piece.tokens
            )
            for piece in written.pieces
        ],
        samplers=samplers_of(scene.templates),
        text_samplers=scene.templates.samplers,
        model=scene.model,
        stop=custom_stops(scene, material.macros),
        replies=1,
        bias=token_bias(scene.templates.samplers.bias, scene.encode) if scene.templates.samplers.bias else {},
        prefill=continued.text if continued else "",
        tools=[],
        speaker=material.user if as_user else material.char,
        character_name=material.char,
        user_name=material.user,
        tokens=written.tokens,
        flat=collapsed(written.text) if scene.preferences.collapse_newlines else written.text,
        flat_stop=stop_strings(by_cast, hand, continues_user=continues_user),
        explain=Explaining(material, written.pieces, written.left_out, tokens=written.tokens),
        lacking=cast(Literal["", "cards", "history"], written.lacking),
    )
