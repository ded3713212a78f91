"""Sending mail through Amazon SES."""

from typing import Any


class Mail:
    def __init__(self, *, ses: Any, sender: str) -> None:
        self._ses = ses
        self._sender = sender

    def send(self, *, to: str, subject: str, text: str) -> None:
        """Sends plain text. Errors of AWS pass through."""
        self._ses.send_email(
            Source=self._sender,
            Destination={"ToAddresses": [to]},
            Message={
                "Subject": {"Data": subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
            },
        )
