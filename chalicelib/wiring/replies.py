"""How a reply comes about and reaches who listens: docs/streaming.md."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.people import PeopleWiring

if TYPE_CHECKING:
    from chalicelib.services.endings import Endings
    from chalicelib.services.events import Events
    from chalicelib.services.generation import Generation
    from chalicelib.services.listening import Listening
    from chalicelib.services.logs import Logs
    from chalicelib.services.lost_replies import LostReplies
    from chalicelib.services.previews import Previews
    from chalicelib.services.replies import Replies
    from chalicelib.services.rounds import Rounds
    from chalicelib.services.scenes import Scenes
    from chalicelib.services.sweeping import Sweeping
    from chalicelib.services.turns import Turns
    from chalicelib.services.world_trials import WorldTrials


class ReplyWiring(PeopleWiring):
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
    def lost_replies(self) -> "LostReplies":
        from chalicelib.services.lost_replies import LostReplies

        return LostReplies(
            endings=self.endings, scenes=self.scenes, manifest_store=self.manifest_store, limits=self.limits
        )

    @cached_property
    def generation(self) -> "Generation":
        from chalicelib.services.generation import Generation

        return Generation(
            generation_store=self.generation_store,
            sockets=self.sockets,
            logs=self.logs,
            lost_replies=self.lost_replies,
            queue=self.queue,
            poster=self.poster,
            metrics=self.metrics,
            clock=self.clock,
            abandoned_seconds=self.settings.abandoned_reply_seconds,
        )

    @cached_property
    def scenes(self) -> "Scenes":
        from chalicelib.services.scenes import Scenes
        from chalicelib.services.sights import Sights
        from chalicelib.stores.keepsakes import KeepsakeStore

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
            sights=Sights(keepsake_store=KeepsakeStore(), media=self.media, files=self.files),
            clock=self.clock,
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
    def previews(self) -> "Previews":
        from chalicelib.services.previews import Previews

        return Previews(chat_store=self.chat_store, scenes=self.scenes, turns=self.turns, clock=self.clock)

    @cached_property
    def world_trials(self) -> "WorldTrials":
        from chalicelib.services.world_trials import WorldTrials

        return WorldTrials(
            chat_store=self.chat_store,
            world_store=self.world_store,
            shelves=self.shelves,
            scenes=self.scenes,
            groups=self.groups,
            patterns=self.patterns,
            clock=self.clock,
        )

    @cached_property
    def replies(self) -> "Replies":
        from chalicelib.services.replies import Replies

        return Replies(
            generation_store=self.generation_store,
            generation=self.generation,
            sockets=self.sockets,
            logs=self.logs,
            endings=self.endings,
            lost_replies=self.lost_replies,
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
