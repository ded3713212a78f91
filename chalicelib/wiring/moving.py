"""What comes in, goes out and ends: files, whole folders, accounts."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.chats import ChatWiring

if TYPE_CHECKING:
    from chalicelib.models.jobs import JobKind
    from chalicelib.models.moves import MoveKind
    from chalicelib.services.card_files import CardFiles
    from chalicelib.services.departures import Departures
    from chalicelib.services.erasure import Erasure
    from chalicelib.services.jobs import Handler
    from chalicelib.services.keepsakes import Keepsakes
    from chalicelib.services.move_items import Taker
    from chalicelib.services.move_pictures import MovedPictures
    from chalicelib.services.moves import Moves
    from chalicelib.services.takeout import Takeout
    from chalicelib.services.uploads import Uploads


class MovingWiring(ChatWiring):
    @cached_property
    def card_files(self) -> "CardFiles":
        from chalicelib.services.card_files import CardFiles

        return CardFiles(
            characters=self.characters,
            # Looked up when needed: only an export asks.
            book_of=lambda *given: self.world_linking.book_of_character(*given),
            media=self.media,
            files=self.files,
            jobs=self.jobs,
        )

    @cached_property
    def uploads(self) -> "Uploads":
        from chalicelib.services.uploads import Uploads
        from chalicelib.stores.uploads import UploadStore

        return Uploads(
            store=UploadStore(),
            files=self.files,
            limits=self.limits,
            jobs=self.jobs,
            characters=self.characters,
            card_files=self.card_files,
            find_group=lambda *given: self.groups.stored(*given),
            take_chat=lambda *given: self.chat_arrivals.import_job(*given),
            drop_chat=lambda *given: self.chat_arrivals.drop_unfinished(*given),
            world_files=self.world_files,
            clock=self.clock,
        )

    @cached_property
    def keepsakes(self) -> "Keepsakes":
        from chalicelib.services.keepsakes import Keepsakes
        from chalicelib.stores.keepsakes import KeepsakeStore

        return Keepsakes(store=KeepsakeStore(), files=self.files, limits=self.limits, clock=self.clock)

    @cached_property
    def moved_pictures(self) -> "MovedPictures":
        from chalicelib.services.move_pictures import MovedPictures

        return MovedPictures(keepsakes=self.keepsakes, media=self.media)

    @cached_property
    def moves(self) -> "Moves":
        from chalicelib.services.moves import Moves
        from chalicelib.services.moving import Moving
        from chalicelib.stores.moves import MoveStore

        store = MoveStore()
        moving = Moving(store=store, takers=lambda: self.move_takers, clock=self.clock)
        return Moves(store=store, moving=moving, jobs=self.jobs, files=self.files, clock=self.clock)

    @cached_property
    def move_takers(self) -> "Mapping[MoveKind, Taker]":
        """Who takes which kind of item of a move."""
        from chalicelib.services.move_characters import MovedCharacters
        from chalicelib.services.move_chats import MovedChats
        from chalicelib.services.move_files import MovedPresets, MovedQuickReplies, MovedScripts, MovedTemplates
        from chalicelib.services.move_items import Nobody
        from chalicelib.services.move_loose import MovedFiles
        from chalicelib.services.move_personas import MovedPersonas, MovedTags
        from chalicelib.services.move_preferences import MovedPreferences
        from chalicelib.services.move_secrets import MovedSecrets
        from chalicelib.services.move_worlds import MovedGroups, MovedWorlds

        nobody, linking = Nobody(), self.world_linking
        takers: dict[MoveKind, Taker] = {
            "worlds": MovedWorlds(worlds=self.worlds, world_files=self.world_files),
            "presets": MovedPresets(presets=self.presets, preset_files=self.preset_files, keepsakes=self.keepsakes),
            "templates": (templates := MovedTemplates(templates=self.templates)),
            "scripts": MovedScripts(scripts=self.scripts),
            "quick_replies": MovedQuickReplies(quick_replies=self.quick_replies),
            "characters": MovedCharacters(characters=self.characters, media=self.media, linking=linking),
            "personas": MovedPersonas(personas=self.personas, linking=linking),
            "tags": MovedTags(),
            "groups": MovedGroups(groups=self.groups, group_files=self.group_files, personas=self.personas),
            "chats": MovedChats(
                chat_store=self.chat_store, chats=self.chats, arrivals=self.chat_arrivals, linking=linking
            ),
            "preferences": MovedPreferences(
                accounts=self.accounts, linking=linking, notes=self.notes, keepsakes=self.keepsakes
            ),
            "themes": self.keepsakes,
            "backgrounds": self.keepsakes,
            "pictures": self.moved_pictures,
            "secrets": MovedSecrets(connections=self.connections),
            "others": nobody,
        }
        takers["files"] = MovedFiles(
            takers=dict(takers),
            templates=templates,
            characters=self.characters,
            arrivals=self.chat_arrivals,
            scripts=self.scripts,
        )
        return takers

    @cached_property
    def takeout(self) -> "Takeout":
        from chalicelib.services.takeout import Takeout

        return Takeout(
            accounts=self.accounts,
            sessions=self.sessions,
            limits=self.limits,
            characters=self.characters,
            card_files=self.card_files,
            chats=self.chats,
            chat_files=self.chat_files,
            personas=self.personas,
            groups=self.groups,
            group_files=self.group_files,
            variables=self.variables,
            notes=self.notes,
            presets=self.presets,
            preset_files=self.preset_files,
            connections=self.connections,
            worlds=self.worlds,
            world_files=self.world_files,
            manifests=self.manifest_store,
            files=self.files,
            templates=self.templates,
            scripts=self.scripts,
            quick_replies=self.quick_replies,
            moves=self.moves,
            keepsakes=self.keepsakes,
        )

    @cached_property
    def departures(self) -> "Departures":
        from chalicelib.services.departing_beside import Things
        from chalicelib.services.departures import Departures

        return Departures(
            Things(
                accounts=self.accounts,
                characters=self.characters,
                chats=self.chats,
                chat_files=self.chat_files,
                chat_store=self.chat_store,
                groups=self.groups,
                group_files=self.group_files,
                worlds=self.worlds,
                world_files=self.world_files,
                world_links=self.world_linking,
                presets=self.presets,
                preset_files=self.preset_files,
                templates=self.templates,
                scripts=self.scripts,
                quick_replies=self.quick_replies,
                persona_store=self.persona_store,
                variables=self.variables,
                keepsakes=self.keepsakes,
                media=self.media,
                files=self.files,
            )
        )

    @cached_property
    def erasure(self) -> "Erasure":
        from chalicelib.services.erasure import Erasure
        from chalicelib.stores.erasure import ErasureStore

        return Erasure(
            erasure_store=ErasureStore(),
            user_store=self.user_store,
            sessions=self.sessions,
            files=self.files,
            stop_all=lambda owner_id, chat_id: self.generation.stop_all(owner_id, chat_id),
            is_writing=lambda owner_id, chat_id: bool(self.generation.active(owner_id, chat_id)),
            clock=self.clock,
        )

    def job_handlers(self) -> "Mapping[JobKind, Handler]":
        """Who does which kind of long work."""
        return {
            "import_file": self.uploads.run_import,
            "export_character": self.card_files.run_export,
            "export_account": self.takeout.run,
            "export_folder": self.departures.run,
            "delete_account": self.erasure.run,
            "move_in": self.moves.run,
        }
