"""The chats themselves, their files and the search in them."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.replies import ReplyWiring

if TYPE_CHECKING:
    from chalicelib.services.branches import Branches
    from chalicelib.services.chat_arrivals import ChatArrivals
    from chalicelib.services.chat_files import ChatFiles
    from chalicelib.services.chats import Chats
    from chalicelib.services.indexing import Indexing
    from chalicelib.services.messages import Messages
    from chalicelib.services.search import Search


class ChatWiring(ReplyWiring):
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
            variables=self.variables,
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
            variables=self.variables,
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
            words=self.typed_words,
            news=self.chat_news,
            clock=self.clock,
        )

    @cached_property
    def chat_files(self) -> "ChatFiles":
        from chalicelib.services.chat_files import ChatFiles

        return ChatFiles(
            store=self.chat_store,
            messages=self.message_store,
            groups=self.groups,
            variables=self.variables,
            files=self.files,
            clock=self.clock,
        )

    @cached_property
    def chat_arrivals(self) -> "ChatArrivals":
        from chalicelib.services.chat_arrivals import ChatArrivals

        return ChatArrivals(
            store=self.chat_store,
            messages=self.message_store,
            characters=self.characters,
            groups=self.groups,
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
