"""Rasa's own Telegram channel, at another server than Telegram's: it has no setting for that, though the library under it has."""

import os

from aiogram import Bot
from aiogram.bot.api import TelegramAPIServer
from rasa.core.channels import telegram


class Output(telegram.TelegramOutput):
    def __init__(self, access_token):
        Bot.__init__(self, access_token, server=TelegramAPIServer.from_base(os.environ["BOT_API"]))

    async def set_webhook(self, *arguments, **named):
        try:
            return await super().set_webhook(*arguments, **named)
        finally:
            # Rasa calls this in a loop that it closes afterwards: what is open in it would be asked for in the next one.
            await self.close()
            self._session = None


telegram.TelegramOutput = Output
Input = telegram.TelegramInput
