"""The mails we write: plain text, in the reader's language."""

from typing import Literal

from chalicelib.clients.mail import Mail

Locale = Literal["en", "zh-CN"]

_RESET: dict[Locale, tuple[str, str]] = {
    "en": (
        "A new password for TavernAI Plus",
        "Hello {name},\n\nsomebody, most likely you, asked for a new password. Choose it here within an hour:\n\n"
        "{url}\n\nIf it was not you, leave this mail alone: nothing changes.\n",
    ),
    "zh-CN": (
        "TavernAI Plus 密码重置",
        "{name}，你好：\n\n有人（多半是你自己）申请了重置密码。请在一小时内打开下面的链接设置新密码：\n\n"
        "{url}\n\n如果不是你本人操作，请忽略这封邮件，一切不会改变。\n",
    ),
}


class Mails:
    """What gets mailed. Without a way to send, `can_send` is False and the operator hands links out."""

    def __init__(self, *, mail: Mail | None) -> None:
        self._mail = mail

    @property
    def can_send(self) -> bool:
        return self._mail is not None

    def send_reset(self, *, to: str, name: str, locale: Locale, url: str) -> None:
        """Sends the link that sets a new password; does nothing where mail is not set up."""
        if self._mail is None:
            return
        subject, text = _RESET[locale]
        self._mail.send(to=to, subject=subject, text=text.format(name=name, url=url))
