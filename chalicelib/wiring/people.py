"""Who is here: accounts, sessions, one-time passes."""

from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.wiring.prompts import PromptWiring

if TYPE_CHECKING:
    from chalicelib.services.accounts import Accounts
    from chalicelib.services.mail import Mails
    from chalicelib.services.sessions import Sessions
    from chalicelib.services.tickets import Tickets


class PeopleWiring(PromptWiring):
    @cached_property
    def mails(self) -> "Mails":
        from chalicelib.clients.mail import Mail
        from chalicelib.services.mail import Mails

        sender = self.settings.mail_from
        return Mails(mail=Mail(ses=self.aws("ses"), sender=sender) if sender else None)

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
