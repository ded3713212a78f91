"""What keeps things: DynamoDB, Redis, S3."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.clients import ClientWiring

if TYPE_CHECKING:
    from chalicelib.searching.parts import Part
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


class StoreWiring(ClientWiring):
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
