"""The only place that builds things: each part once, when first needed.

The list of properties is the table of contents. Imports stand inside them, so that a Lambda pays only for what its door
opens. Only entrypoints call `container()`; a test makes its own and may set a part before it is used.
"""

from collections.abc import Mapping
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from chalicelib.settings import Settings, settings

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.clients.issuer import Issuer
    from chalicelib.clients.passwords import Passwords
    from chalicelib.clients.queue import Queue
    from chalicelib.clients.secrets import Secrets
    from chalicelib.clients.sockets import Poster
    from chalicelib.clients.tokens import Tokens
    from chalicelib.models.jobs import JobKind
    from chalicelib.models.moves import MoveKind
    from chalicelib.prompting.scripts.patterns import Patterns
    from chalicelib.providers.provider import Provider
    from chalicelib.providers.registry import Registry
    from chalicelib.searching.parts import Part
    from chalicelib.services.accounts import Accounts
    from chalicelib.services.announcements import Announcements
    from chalicelib.services.branches import Branches
    from chalicelib.services.card_files import CardFiles
    from chalicelib.services.casts import Casts
    from chalicelib.services.characters import Characters
    from chalicelib.services.chat_files import ChatFiles
    from chalicelib.services.chat_news import ChatNews
    from chalicelib.services.chats import Chats
    from chalicelib.services.chosen_templates import ChosenTemplates
    from chalicelib.services.connections import Connections
    from chalicelib.services.counting import Counting
    from chalicelib.services.departures import Departures
    from chalicelib.services.endings import Endings
    from chalicelib.services.erasure import Erasure
    from chalicelib.services.events import Events
    from chalicelib.services.generation import Generation
    from chalicelib.services.groups import Groups
    from chalicelib.services.indexing import Indexing
    from chalicelib.services.jobs import Handler, Jobs
    from chalicelib.services.keepsakes import Keepsakes
    from chalicelib.services.limits import Limits
    from chalicelib.services.listening import Listening
    from chalicelib.services.logs import Logs
    from chalicelib.services.mail import Mails
    from chalicelib.services.manifests import Manifests
    from chalicelib.services.media import Media
    from chalicelib.services.messages import Messages
    from chalicelib.services.metrics import Metrics
    from chalicelib.services.move_items import Taker
    from chalicelib.services.moves import Moves
    from chalicelib.services.notes import Notes
    from chalicelib.services.personas import Personas
    from chalicelib.services.preset_files import PresetFiles
    from chalicelib.services.presets import Presets
    from chalicelib.services.previews import Previews
    from chalicelib.services.quick_replies import QuickReplies
    from chalicelib.services.replies import Replies
    from chalicelib.services.rounds import Rounds
    from chalicelib.services.scene_scripts import SceneScripts
    from chalicelib.services.scenes import Scenes
    from chalicelib.services.scripts import Scripts
    from chalicelib.services.search import Search
    from chalicelib.services.sessions import Sessions
    from chalicelib.services.shelves import Shelves
    from chalicelib.services.sweeping import Sweeping
    from chalicelib.services.takeout import Takeout
    from chalicelib.services.templates import Templates
    from chalicelib.services.tickets import Tickets
    from chalicelib.services.trials import Trials
    from chalicelib.services.turns import Turns
    from chalicelib.services.typed_words import TypedWords
    from chalicelib.services.uploads import Uploads
    from chalicelib.services.variables import VariableSets
    from chalicelib.services.world_files import WorldFiles
    from chalicelib.services.world_links import WorldLinking
    from chalicelib.services.world_trials import WorldTrials
    from chalicelib.services.worlds import Worlds
    from chalicelib.stores.branches import BranchStore
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.connections import ConnectionStore
    from chalicelib.stores.files import Files
    from chalicelib.stores.generations import GenerationStore
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.limits import LimitsStore
    from chalicelib.stores.manifests import ManifestStore
    from chalicelib.stores.messages import MessageStore
    from chalicelib.stores.personas import PersonaStore
    from chalicelib.stores.presets import PresetStore
    from chalicelib.stores.quick_replies import QuickReplyStore
    from chalicelib.stores.rates import RedisRates
    from chalicelib.stores.scripts import ScriptStore
    from chalicelib.stores.search_index import SearchIndexStore
    from chalicelib.stores.search_parts import SearchParts
    from chalicelib.stores.search_texts import SearchTexts
    from chalicelib.stores.sessions import SessionStore
    from chalicelib.stores.sockets import Sockets
    from chalicelib.stores.templates import TemplateStore
    from chalicelib.stores.tickets import TicketStore
    from chalicelib.stores.users import UserStore
    from chalicelib.stores.world_links import WorldLinkStore
    from chalicelib.stores.worlds import WorldStore


class Container:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    # --- clients

    @cached_property
    def clock(self) -> "Clock":
        from chalicelib.clients.clock import Clock

        return Clock()

    @cached_property
    def secrets(self) -> "Secrets":
        from chalicelib.clients.root_key import read_root_keys
        from chalicelib.clients.secrets import Secrets

        return Secrets(read_root_keys(self.settings, self.aws))

    @cached_property
    def passwords(self) -> "Passwords":
        from chalicelib.clients.passwords import Passwords

        return Passwords()

    @cached_property
    def tokens(self) -> "Tokens":
        from chalicelib.clients.tokens import Tokens

        return Tokens(self.secrets.derive("access-tokens"))

    @cached_property
    def issuer(self) -> "Issuer | None":
        """The OIDC issuer that may vouch for people, where one is named."""
        from chalicelib.clients.issuer import Issuer

        if not self.settings.oidc_issuer or not self.settings.oidc_client_id:
            return None
        return Issuer(issuer=self.settings.oidc_issuer, client_id=self.settings.oidc_client_id)

    @cached_property
    def queue(self) -> "Queue":
        from chalicelib.clients.direct import shorten
        from chalicelib.clients.queue import Queue

        return Queue(
            make_sqs=lambda: shorten(self.aws("sqs")),
            generation_queue_url=self.settings.generation_queue_url,
            job_queue_url=self.settings.job_queue_url,
        )

    @cached_property
    def poster(self) -> "Poster":
        from botocore.session import Session

        from chalicelib.clients.sockets import Poster

        credentials = Session().get_credentials()
        return Poster(
            endpoint=self.settings.socket_endpoint,
            region=self.settings.region,
            credentials=lambda: credentials.get_frozen_credentials(),
            now=self.clock.now,
        )

    def aws(self, service: str) -> Any:
        """A new boto3 client of this deployment's AWS. Parts keep theirs: making one takes 40 to 90 ms."""
        import boto3

        return boto3.client(service, region_name=self.settings.region, endpoint_url=self.settings.aws_endpoint)

    # --- providers

    @cached_property
    def providers(self) -> "Registry":
        from chalicelib.providers.demo import Demo
        from chalicelib.providers.guard import Guard
        from chalicelib.providers.registry import Registry
        from chalicelib.providers.wire import Wire

        knobs = self.settings
        guard = Guard(private_networks=knobs.private_networks, forbidden_ports=knobs.forbidden_ports)
        wire = Wire(guard, stall_seconds=knobs.provider_stall_seconds)
        more: list[Provider] = [Demo()] if knobs.demo_model else []
        if knobs.bedrock_models and knobs.bedrock_tokens_per_day:
            from botocore.session import Session

            from chalicelib.providers.bedrock import Bedrock
            from chalicelib.stores.bedrock import BedrockAllowance

            allowance = BedrockAllowance(tokens_per_day=knobs.bedrock_tokens_per_day, now=self.clock.now)
            models = knobs.bedrock_models
            more.append(Bedrock(wire, session=Session(), region=knobs.region, models=models, allowance=allowance))
        return Registry(wire, more)

    # --- stores

    @cached_property
    def user_store(self) -> "UserStore":
        from chalicelib.stores.users import UserStore

        return UserStore()

    @cached_property
    def session_store(self) -> "SessionStore":
        from chalicelib.stores.sessions import SessionStore

        return SessionStore()

    @cached_property
    def ticket_store(self) -> "TicketStore":
        from chalicelib.stores.tickets import TicketStore

        return TicketStore()

    @cached_property
    def limits_store(self) -> "LimitsStore":
        from chalicelib.stores.limits import LimitsStore

        return LimitsStore()

    @cached_property
    def redis_rates(self) -> "RedisRates | None":
        url = self.settings.redis_url
        if url is None:
            return None
        from chalicelib.stores.rates import RedisRates
        from chalicelib.stores.redis import connect

        knobs = self.settings
        return RedisRates(
            lambda: connect(url, cluster=knobs.redis_cluster, timeout_seconds=knobs.redis_timeout_seconds)
        )

    @cached_property
    def files(self) -> "Files":
        from chalicelib.stores.files import Files

        return Files(
            bucket=self.settings.media_bucket,
            region=self.settings.region,
            endpoint=self.settings.aws_endpoint,
            public_endpoint=self.settings.media_endpoint,
            now=self.clock.now,
        )

    @cached_property
    def chat_store(self) -> "ChatStore":
        from chalicelib.stores.chats import ChatStore

        return ChatStore(files=self.files)

    @cached_property
    def idempotency(self) -> "Idempotency":
        from chalicelib.stores.idempotency import Idempotency

        return Idempotency()

    @cached_property
    def message_store(self) -> "MessageStore":
        from chalicelib.stores.messages import MessageStore

        return MessageStore(chats=self.chat_store)

    @cached_property
    def branch_store(self) -> "BranchStore":
        from chalicelib.stores.branches import BranchStore

        return BranchStore()

    @cached_property
    def search_index(self) -> "SearchIndexStore":
        from chalicelib.stores.search_index import SearchIndexStore

        return SearchIndexStore()

    @cached_property
    def search_parts(self) -> "SearchParts[Part]":
        from chalicelib.searching.parts import packed, unpacked
        from chalicelib.stores.search_parts import SearchParts

        return SearchParts(files=self.files, pack=packed, unpack=unpacked)

    @cached_property
    def search_texts(self) -> "SearchTexts":
        from chalicelib.stores.search_texts import SearchTexts

        return SearchTexts(bodies=self.chat_store.bodies)

    @cached_property
    def persona_store(self) -> "PersonaStore":
        from chalicelib.stores.personas import PersonaStore

        return PersonaStore()

    @cached_property
    def preset_store(self) -> "PresetStore":
        from chalicelib.stores.presets import PresetStore

        return PresetStore(files=self.files)

    @cached_property
    def template_store(self) -> "TemplateStore":
        from chalicelib.stores.templates import TemplateStore

        return TemplateStore(files=self.files)

    @cached_property
    def script_store(self) -> "ScriptStore":
        from chalicelib.stores.scripts import ScriptStore

        return ScriptStore(files=self.files)

    @cached_property
    def quick_reply_store(self) -> "QuickReplyStore":
        from chalicelib.stores.quick_replies import QuickReplyStore

        return QuickReplyStore(files=self.files)

    @cached_property
    def connection_store(self) -> "ConnectionStore":
        from chalicelib.stores.connections import ConnectionStore

        return ConnectionStore()

    @cached_property
    def manifest_store(self) -> "ManifestStore":
        from chalicelib.stores.manifests import ManifestStore

        return ManifestStore(files=self.files)

    @cached_property
    def sockets(self) -> "Sockets":
        from chalicelib.stores.sockets import Sockets

        return Sockets(clock=self.clock)

    @cached_property
    def generation_store(self) -> "GenerationStore":
        from chalicelib.stores.generations import GenerationStore

        return GenerationStore(chat_store=self.chat_store)

    @cached_property
    def world_store(self) -> "WorldStore":
        from chalicelib.stores.worlds import WorldStore

        return WorldStore(files=self.files)

    @cached_property
    def world_link_store(self) -> "WorldLinkStore":
        from chalicelib.stores.world_links import WorldLinkStore

        return WorldLinkStore()

    # --- services

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
    def mails(self) -> "Mails":
        from chalicelib.clients.mail import Mail
        from chalicelib.services.mail import Mails

        sender = self.settings.mail_from
        return Mails(mail=Mail(ses=self.aws("ses"), sender=sender) if sender else None)

    @cached_property
    def limits(self) -> "Limits":
        from chalicelib.services.limits import Limits

        return Limits(
            limits_store=self.limits_store, redis_rates=self.redis_rates, settings=self.settings, clock=self.clock
        )

    @cached_property
    def sessions(self) -> "Sessions":
        from chalicelib.services.sessions import Sessions

        return Sessions(
            session_store=self.session_store,
            user_store=self.user_store,
            tokens=self.tokens,
            refresh_key=self.secrets.derive("refresh-tokens"),
            # Looked up when needed: most requests end no session.
            close_sockets=lambda user_id, session_id: self.announcements.close_session(user_id, session_id),
            clock=self.clock,
        )

    @cached_property
    def tickets(self) -> "Tickets":
        from chalicelib.services.tickets import Tickets

        return Tickets(ticket_store=self.ticket_store, socket_url=self.settings.socket_url, clock=self.clock)

    @cached_property
    def accounts(self) -> "Accounts":
        from chalicelib.services.accounts import Accounts

        return Accounts(
            user_store=self.user_store,
            ticket_store=self.ticket_store,
            sessions=self.sessions,
            passwords=self.passwords,
            mails=self.mails,
            issuer=self.issuer,
            # Looked up when needed: signing in wants neither.
            welcome=lambda user_id, locale: self.characters.welcome(user_id, locale),
            start_deletion=lambda user_id: self.jobs.start(user_id, "delete_account", {}),
            sign_up=self.settings.sign_up,
            public_url=self.settings.public_url,
            clock=self.clock,
        )

    @cached_property
    def media(self) -> "Media":
        from chalicelib.services.media import Media

        return Media(files=self.files, limits=self.limits)

    @cached_property
    def characters(self) -> "Characters":
        from chalicelib.services.characters import Characters
        from chalicelib.stores.characters import CharacterStore
        from chalicelib.stores.idempotency import Idempotency
        from chalicelib.stores.library import Library

        return Characters(
            store=CharacterStore(files=self.files),
            library=Library(),
            idempotency=Idempotency(),
            files=self.files,
            media=self.media,
            limits=self.limits,
            clock=self.clock,
        )

    @cached_property
    def jobs(self) -> "Jobs":
        from chalicelib.services.jobs import Jobs
        from chalicelib.stores.jobs import JobStore

        return Jobs(store=JobStore(), queue=self.queue, files=self.files, clock=self.clock, handlers=self._job_handlers)

    def _job_handlers(self) -> "Mapping[JobKind, Handler]":
        """Who does which kind of long work."""
        return {
            "import_file": self.uploads.run_import,
            "export_character": self.card_files.run_export,
            "export_account": self.takeout.run,
            "export_folder": self.departures.run,
            "delete_account": self.erasure.run,
            "move_in": self.moves.run,
        }

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
        )

    @cached_property
    def departures(self) -> "Departures":
        from chalicelib.services.departing import Things
        from chalicelib.services.departures import Departures

        return Departures(
            Things(
                accounts=self.accounts,
                characters=self.characters,
                chats=self.chats,
                chat_files=self.chat_files,
                chat_store=self.chat_store,
                groups=self.groups,
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

    @cached_property
    def card_files(self) -> "CardFiles":
        from chalicelib.services.card_files import CardFiles

        return CardFiles(characters=self.characters, media=self.media, files=self.files, jobs=self.jobs)

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
            take_chat=lambda *given: self.chat_files.import_job(*given),
            drop_chat=lambda *given: self.chat_files.drop_unfinished(*given),
            world_files=self.world_files,
            clock=self.clock,
        )

    @cached_property
    def keepsakes(self) -> "Keepsakes":
        from chalicelib.services.keepsakes import Keepsakes
        from chalicelib.stores.keepsakes import KeepsakeStore

        return Keepsakes(store=KeepsakeStore(), files=self.files, limits=self.limits, clock=self.clock)

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
            "templates": MovedTemplates(templates=self.templates),
            "scripts": MovedScripts(scripts=self.scripts),
            "quick_replies": MovedQuickReplies(quick_replies=self.quick_replies),
            "characters": MovedCharacters(characters=self.characters, media=self.media, linking=linking),
            "personas": MovedPersonas(personas=self.personas, linking=linking),
            "tags": MovedTags(),
            "groups": MovedGroups(groups=self.groups),
            "chats": MovedChats(
                chat_store=self.chat_store, chats=self.chats, chat_files=self.chat_files, linking=linking
            ),
            "preferences": MovedPreferences(
                accounts=self.accounts, linking=linking, notes=self.notes, keepsakes=self.keepsakes
            ),
            "themes": self.keepsakes,
            "backgrounds": self.keepsakes,
            "secrets": MovedSecrets(connections=self.connections),
            "others": nobody,
        }
        takers["files"] = MovedFiles(
            takers=dict(takers), characters=self.characters, chat_files=self.chat_files, scripts=self.scripts
        )
        return takers

    @cached_property
    def chat_news(self) -> "ChatNews":
        from chalicelib.services.chat_news import ChatNews

        return ChatNews(store=self.chat_store, announcements=self.announcements, queue=self.queue)

    @cached_property
    def chats(self) -> "Chats":
        from chalicelib.services.chats import Chats

        return Chats(
            store=self.chat_store,
            messages=self.message_store,
            generation=self.generation,
            characters=self.characters,
            groups=self.groups,
            personas=self.personas,
            notes=self.notes,
            accounts=self.accounts,
            limits=self.limits,
            news=self.chat_news,
            idempotency=self.idempotency,
            manifests=self.manifest_store,
            clock=self.clock,
        )

    @cached_property
    def branches(self) -> "Branches":
        from chalicelib.services.branches import Branches

        return Branches(
            store=self.chat_store,
            branches=self.branch_store,
            news=self.chat_news,
            idempotency=self.idempotency,
            clock=self.clock,
        )

    @cached_property
    def messages(self) -> "Messages":
        from chalicelib.services.messages import Messages

        return Messages(
            store=self.chat_store,
            messages=self.message_store,
            branch_store=self.branch_store,
            branches=self.branches,
            news=self.chat_news,
            clock=self.clock,
        )

    @cached_property
    def chat_files(self) -> "ChatFiles":
        from chalicelib.services.chat_files import ChatFiles

        return ChatFiles(
            store=self.chat_store,
            messages=self.message_store,
            characters=self.characters,
            groups=self.groups,
            variables=self.variables,
            files=self.files,
            limits=self.limits,
            news=self.chat_news,
            idempotency=self.idempotency,
            clock=self.clock,
        )

    @cached_property
    def indexing(self) -> "Indexing":
        from chalicelib.services.indexing import Indexing

        return Indexing(
            index=self.search_index,
            parts=self.search_parts,
            texts=self.search_texts,
            chat_store=self.chat_store,
            queue=self.queue,
            clock=self.clock,
        )

    @cached_property
    def search(self) -> "Search":
        from chalicelib.services.search import Search

        return Search(
            indexing=self.indexing,
            index=self.search_index,
            parts=self.search_parts,
            texts=self.search_texts,
            chat_store=self.chat_store,
        )

    @cached_property
    def personas(self) -> "Personas":
        from chalicelib.services.personas import Personas

        return Personas(
            store=self.persona_store,
            media=self.media,
            idempotency=self.idempotency,
            clock=self.clock,
            # Looked up when needed: only a lock asks.
            check_partner=lambda owner_id, partner_id: self.groups.check_partner(owner_id, partner_id),
        )

    @cached_property
    def groups(self) -> "Groups":
        from chalicelib.services.groups import Groups
        from chalicelib.stores.groups import GroupStore

        return Groups(
            store=GroupStore(),
            characters=self.characters,
            media=self.media,
            files=self.files,
            idempotency=self.idempotency,
            clock=self.clock,
        )

    @cached_property
    def notes(self) -> "Notes":
        from chalicelib.services.notes import Notes
        from chalicelib.stores.notes import NoteStore

        return Notes(store=NoteStore(), characters=self.characters)

    @cached_property
    def casts(self) -> "Casts":
        from chalicelib.services.casts import Casts

        return Casts(groups=self.groups, personas=self.personas, notes=self.notes, variables=self.variables)

    @cached_property
    def variables(self) -> "VariableSets":
        from chalicelib.services.variables import VariableSets
        from chalicelib.stores.variables import VariableStore

        return VariableSets(store=VariableStore(), chat_store=self.chat_store)

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
    def worlds(self) -> "Worlds":
        from chalicelib.services.worlds import Worlds

        return Worlds(store=self.world_store, idempotency=self.idempotency, clock=self.clock)

    @cached_property
    def world_files(self) -> "WorldFiles":
        from chalicelib.services.world_files import WorldFiles

        return WorldFiles(worlds=self.worlds, files=self.files)

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
    def typed_words(self) -> "TypedWords":
        from chalicelib.services.typed_words import TypedWords

        return TypedWords(
            chat_store=self.chat_store,
            characters=self.characters,
            presets=self.presets,
            scripts=self.scene_scripts,
            patterns=self.patterns,
            clock=self.clock,
        )

    @cached_property
    def quick_replies(self) -> "QuickReplies":
        from chalicelib.services.quick_replies import QuickReplies

        return QuickReplies(store=self.quick_reply_store, idempotency=self.idempotency, clock=self.clock)

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
            shelves=self.shelves,
            characters=self.characters,
            personas=self.personas,
            persona_of=self.casts.persona,
        )

    @cached_property
    def preset_files(self) -> "PresetFiles":
        from chalicelib.services.preset_files import PresetFiles

        return PresetFiles(presets=self.presets, files=self.files)

    @cached_property
    def counting(self) -> "Counting":
        from chalicelib.services.counting import Counting

        return Counting()

    # --- replies: docs/streaming.md

    @cached_property
    def metrics(self) -> "Metrics":
        from chalicelib.services.metrics import Metrics

        return Metrics()

    @cached_property
    def announcements(self) -> "Announcements":
        from chalicelib.services.announcements import Announcements

        return Announcements(sockets=self.sockets, poster=self.poster)

    @cached_property
    def logs(self) -> "Logs":
        from chalicelib.services.logs import Logs
        from chalicelib.stores.segments import Segments
        from chalicelib.stores.streams_dynamo import DynamoLog

        knobs, redis = self.settings, None
        if knobs.redis_url:
            from chalicelib.stores.streams_redis import RedisLog

            redis = RedisLog(
                url=knobs.redis_url,
                cluster=knobs.redis_cluster,
                timeout_seconds=knobs.redis_timeout_seconds,
                kept_seconds=knobs.log_seconds,
                sockets=self.sockets,
            )
        dynamo = DynamoLog(sockets=self.sockets, clock=self.clock, kept_seconds=knobs.log_seconds)
        return Logs(redis=redis, dynamo=dynamo, segments=Segments(clock=self.clock))

    @cached_property
    def rounds(self) -> "Rounds":
        from chalicelib.services.rounds import Rounds

        return Rounds(
            chat_store=self.chat_store,
            generation_store=self.generation_store,
            groups=self.groups,
            limits=self.limits,
            queue=self.queue,
            clock=self.clock,
            replies_most=self.settings.auto_replies_most,
        )

    @cached_property
    def endings(self) -> "Endings":
        from chalicelib.services.aftermath import Aftermath
        from chalicelib.services.endings import Endings

        return Endings(
            generation_store=self.generation_store,
            chat_store=self.chat_store,
            characters=self.characters,
            aftermath=Aftermath(variables=self.variables),
            rounds=self.rounds,
            news=self.chat_news,
            clock=self.clock,
        )

    @cached_property
    def generation(self) -> "Generation":
        from chalicelib.services.generation import Generation

        return Generation(
            generation_store=self.generation_store,
            sockets=self.sockets,
            logs=self.logs,
            endings=self.endings,
            queue=self.queue,
            poster=self.poster,
            metrics=self.metrics,
            clock=self.clock,
            abandoned_seconds=self.settings.abandoned_reply_seconds,
        )

    @cached_property
    def patterns(self) -> "Patterns":
        import time
        from importlib.util import find_spec

        from chalicelib.prompting.scripts.patterns import Patterns, Second

        def second() -> Second | None:
            if find_spec("wasmtime") is None:
                return None
            from chalicelib.prompting.scripts.stepping import QuickJs

            return QuickJs()

        return Patterns(clock=time.thread_time, second=second)

    @cached_property
    def scenes(self) -> "Scenes":
        from chalicelib.services.scenes import Scenes

        return Scenes(
            patterns=self.patterns,
            shelves=self.shelves,
            chat_store=self.chat_store,
            user_store=self.user_store,
            characters=self.characters,
            presets=self.presets,
            scripts=self.scene_scripts,
            templates=self.chosen_templates,
            connections=self.connections,
            manifests=self.manifests,
            casts=self.casts,
            clock=self.clock,
        )

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

    @cached_property
    def turns(self) -> "Turns":
        from chalicelib.services.turns import Turns

        return Turns(
            chat_store=self.chat_store,
            generation_store=self.generation_store,
            idempotency=self.idempotency,
            generation=self.generation,
            scenes=self.scenes,
            manifests=self.manifests,
            rounds=self.rounds,
            words=self.typed_words,
            limits=self.limits,
            queue=self.queue,
            announcements=self.announcements,
            clock=self.clock,
        )

    @cached_property
    def world_trials(self) -> "WorldTrials":
        from chalicelib.services.world_trials import WorldTrials

        return WorldTrials(
            chat_store=self.chat_store,
            world_store=self.world_store,
            shelves=self.shelves,
            scenes=self.scenes,
            patterns=self.patterns,
            clock=self.clock,
        )

    @cached_property
    def previews(self) -> "Previews":
        from chalicelib.services.previews import Previews

        return Previews(chat_store=self.chat_store, scenes=self.scenes, turns=self.turns, clock=self.clock)

    @cached_property
    def replies(self) -> "Replies":
        from chalicelib.services.replies import Replies

        return Replies(
            generation_store=self.generation_store,
            generation=self.generation,
            sockets=self.sockets,
            logs=self.logs,
            endings=self.endings,
            scenes=self.scenes,
            manifests=self.manifests,
            registry=self.providers,
            poster=self.poster,
            quotas=self.limits,
            metrics=self.metrics,
            clock=self.clock,
            settings=self.settings,
        )

    @cached_property
    def listening(self) -> "Listening":
        from chalicelib.services.listening import Listening

        return Listening(
            sockets=self.sockets,
            chat_store=self.chat_store,
            generation_store=self.generation_store,
            generation=self.generation,
            logs=self.logs,
            poster=self.poster,
            metrics=self.metrics,
        )

    @cached_property
    def events(self) -> "Events":
        from chalicelib.services.events import Events

        return Events(
            generation_store=self.generation_store,
            generation=self.generation,
            logs=self.logs,
            readers_most=self.settings.event_readers_most,
        )

    @cached_property
    def sweeping(self) -> "Sweeping":
        from chalicelib.services.sweeping import Sweeping

        return Sweeping(generation_store=self.generation_store, generation=self.generation)


_current: list[Container] = []
_making = Lock()


def container() -> Container:
    """This process's container, made at the first call. Of threads that come first together one makes it."""
    if not _current:
        with _making:
            if not _current:
                _current.append(_make())
    return _current[0]


def _make() -> Container:
    from chalicelib.clients.direct import shorten
    from chalicelib.stores.tables import place_tables

    knobs = settings()
    place_tables(prefix=knobs.table_prefix, region=knobs.region, endpoint=knobs.aws_endpoint, prepare=shorten)
    return Container(knobs)


def use(replacement: Container | None) -> None:
    """Puts another container in place, or with None forgets the present one: for tests and the command line."""
    _current[:] = [] if replacement is None else [replacement]
