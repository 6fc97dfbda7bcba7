"""Says again whatever it gets, and asks whether that was right. After aiogram's `echo_bot` and its page on callback queries."""

import asyncio
import os

from aiogram import Bot, Dispatcher, F, html
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.types import CallbackQuery, Message
from aiogram.utils.keyboard import InlineKeyboardBuilder

dispatcher = Dispatcher()


@dispatcher.message(F.text)
async def echo(message: Message) -> None:
    keyboard = InlineKeyboardBuilder().button(text="Right", callback_data="right").button(text="Wrong", callback_data="wrong")
    await message.answer(html.bold(html.quote(message.text)), reply_markup=keyboard.as_markup())


@dispatcher.callback_query()
async def judged(query: CallbackQuery) -> None:
    await query.answer("Thanks")
    await query.message.edit_text(f"That was {query.data}.")


@dispatcher.startup()
async def begin(bot: Bot) -> None:
    print("ready as", (await bot.me()).username, flush=True)


async def main() -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ["BOT_API"]))
    bot = Bot(os.environ["BOT_TOKEN"], session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
    await dispatcher.start_polling(bot)


if __name__ == "__main__":
    asyncio.run(main())
