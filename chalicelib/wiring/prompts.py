"""What a prompt is made of besides the chat: connections, presets, templates, scripts, worlds."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.library import LibraryWiring

if TYPE_CHECKING:
    from chalicelib.services.came_scripts import CameScripts
    from chalicelib.services.chosen_templates import ChosenTemplates
    from chalicelib.services.connections import Connections
    from chalicelib.services.counting import Counting
    from chalicelib.services.manifests import Manifests
    from chalicelib.services.preset_files import PresetFiles
    from chalicelib.services.presets import Presets
    from chalicelib.services.quick_replies import QuickReplies
    from chalicelib.services.scene_scripts import SceneScripts
    from chalicelib.services.scripts import Scripts
    from chalicelib.services.shelves import Shelves
    from chalicelib.services.templates import Templates
    from chalicelib.services.trials import Trials
    from chalicelib.services.typed_words import TypedWords
    from chalicelib.services.world_entries import WorldEntries
    from chalicelib.services.world_files import WorldFiles
    from chalicelib.services.world_links import WorldLinking
    from chalicelib.services.world_space import WorldSpace
    from chalicelib.services.worlds import Worlds
    from chalicelib.services.worlds_in_play import WorldsInPlay


class PromptWiring(LibraryWiring):
    @cached_property
    def connections(self) -> "Connections":
        from chalicelib.services.connections import Connections

        return Connections(
            connection_store=self.connection_store,
            idempotency=self.idempotency,
            user_store=self.user_store,
            secrets=self.secrets,
            providers=self.providers,
            clock=self.clock,
            demo=self.settings.demo_model,
        )

    @cached_property
    def trials(self) -> "Trials":
        from chalicelib.services.trials import Trials

        return Trials(connections=self.connections, providers=self.providers, local=self.settings.stage == "local")

    @cached_property
    def presets(self) -> "Presets":
        from chalicelib.services.presets import Presets

        return Presets(
            store=self.preset_store,
            idempotency=self.idempotency,
            clock=self.clock,
            locale_of=lambda user_id: self.user_store.get(user_id).account.choices.locale,
        )

    @cached_property
    def preset_files(self) -> "PresetFiles":
        from chalicelib.services.preset_files import PresetFiles

        return PresetFiles(presets=self.presets, files=self.files)

    @cached_property
    def templates(self) -> "Templates":
        from chalicelib.services.templates import Templates

        return Templates(store=self.template_store, idempotency=self.idempotency, clock=self.clock)

    @cached_property
    def chosen_templates(self) -> "ChosenTemplates":
        from chalicelib.services.chosen_templates import ChosenTemplates

        return ChosenTemplates(store=self.template_store, patterns=self.patterns, clock=self.clock)

    @cached_property
    def scripts(self) -> "Scripts":
        from chalicelib.services.scripts import Scripts

        return Scripts(store=self.script_store, idempotency=self.idempotency, clock=self.clock)

    @cached_property
    def scene_scripts(self) -> "SceneScripts":
        from chalicelib.services.scene_scripts import SceneScripts

        return SceneScripts(
            store=self.script_store,
            user_store=self.user_store,
            characters=self.characters,
            presets=self.presets,
            chat_store=self.chat_store,
            patterns=self.patterns,
            clock=self.clock,
        )

    @cached_property
    def came_scripts(self) -> "CameScripts":
        from chalicelib.services.came_scripts import CameScripts

        return CameScripts(
            store=self.script_store,
            scene_scripts=self.scene_scripts,
            characters=self.characters,
            presets=self.presets,
            clock=self.clock,
        )

    @cached_property
    def typed_words(self) -> "TypedWords":
        from chalicelib.services.typed_words import TypedWords

        return TypedWords(
            chat_store=self.chat_store,
            user_store=self.user_store,
            casts=self.casts,
            characters=self.characters,
            presets=self.presets,
            scripts=self.scene_scripts,
            patterns=self.patterns,
            clock=self.clock,
            variables=self.variables,
        )

    @cached_property
    def quick_replies(self) -> "QuickReplies":
        from chalicelib.services.quick_replies import QuickReplies

        return QuickReplies(store=self.quick_reply_store, idempotency=self.idempotency, clock=self.clock)

    @cached_property
    def world_space(self) -> "WorldSpace":
        from chalicelib.services.world_space import WorldSpace

        return WorldSpace(store=self.world_store, limits=self.limits)

    @cached_property
    def world_entries(self) -> "WorldEntries":
        from chalicelib.services.world_entries import WorldEntries

        return WorldEntries(store=self.world_store, space=self.world_space, clock=self.clock)

    @cached_property
    def worlds(self) -> "Worlds":
        from chalicelib.services.worlds import Worlds

        return Worlds(
            store=self.world_store,
            link_store=self.world_link_store,
            user_store=self.user_store,
            space=self.world_space,
            idempotency=self.idempotency,
            clock=self.clock,
        )

    @cached_property
    def world_files(self) -> "WorldFiles":
        from chalicelib.services.world_files import WorldFiles

        return WorldFiles(worlds=self.worlds, files=self.files)

    @cached_property
    def shelves(self) -> "Shelves":
        from chalicelib.services.shelves import Shelves

        return Shelves(store=self.world_store, link_store=self.world_link_store)

    @cached_property
    def world_linking(self) -> "WorldLinking":
        from chalicelib.services.world_links import WorldLinking

        return WorldLinking(
            link_store=self.world_link_store,
            world_store=self.world_store,
            user_store=self.user_store,
            chat_store=self.chat_store,
            worlds=self.worlds,
            in_play=self.worlds_in_play,
            characters=self.characters,
            personas=self.personas,
        )

    @cached_property
    def worlds_in_play(self) -> "WorldsInPlay":
        from chalicelib.services.worlds_in_play import WorldsInPlay

        return WorldsInPlay(
            world_store=self.world_store,
            user_store=self.user_store,
            shelves=self.shelves,
            characters=self.characters,
            groups=self.groups,
            persona_of=self.casts.persona,
        )

    @cached_property
    def counting(self) -> "Counting":
        from chalicelib.services.counting import Counting

        return Counting()

    @cached_property
    def manifests(self) -> "Manifests":
        from chalicelib.services.manifests import Manifests

        return Manifests(
            manifest_store=self.manifest_store,
            generation_store=self.generation_store,
            connections=self.connections,
            metrics=self.metrics,
            clock=self.clock,
            share=self.settings.kept_prompts,
            sweeps=self.settings.aws_endpoint is not None,
        )
