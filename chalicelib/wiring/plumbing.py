"""What every area above draws from: limits, pictures, long work, figures, and who is told."""

from abc import abstractmethod
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.stores import StoreWiring

if TYPE_CHECKING:
    from chalicelib.models.jobs import JobKind
    from chalicelib.services.announcements import Announcements
    from chalicelib.services.chat_news import ChatNews
    from chalicelib.services.frame_limits import FrameLimits
    from chalicelib.services.jobs import Handler, Jobs
    from chalicelib.services.limits import Limits
    from chalicelib.services.media import Media
    from chalicelib.services.metrics import Metrics


class PlumbingWiring(StoreWiring):
    @cached_property
    def limits(self) -> "Limits":
        from chalicelib.services.limits import Limits

        return Limits(
            limits_store=self.limits_store, redis_rates=self.redis_rates, settings=self.settings, clock=self.clock
        )

    @cached_property
    def media(self) -> "Media":
        from chalicelib.services.media import Media

        return Media(files=self.files, limits=self.limits)

    @cached_property
    def metrics(self) -> "Metrics":
        from chalicelib.services.metrics import Metrics

        return Metrics()

    @cached_property
    def frame_limits(self) -> "FrameLimits":
        from chalicelib.services.frame_limits import FrameLimits

        return FrameLimits(
            limits=self.limits,
            sockets=self.sockets,
            poster=self.poster,
            metrics=self.metrics,
            settings=self.settings,
            clock=self.clock,
        )

    @cached_property
    def announcements(self) -> "Announcements":
        from chalicelib.services.announcements import Announcements

        return Announcements(sockets=self.sockets, poster=self.poster)

    @cached_property
    def chat_news(self) -> "ChatNews":
        from chalicelib.services.chat_news import ChatNews

        return ChatNews(store=self.chat_store, announcements=self.announcements, queue=self.queue)

    @cached_property
    def jobs(self) -> "Jobs":
        from chalicelib.services.jobs import Jobs
        from chalicelib.stores.jobs import JobStore

        return Jobs(store=JobStore(), queue=self.queue, files=self.files, clock=self.clock, handlers=self.job_handlers)

    @abstractmethod
    def job_handlers(self) -> "Mapping[JobKind, Handler]":
        """Who does which kind of long work: the areas above know."""
