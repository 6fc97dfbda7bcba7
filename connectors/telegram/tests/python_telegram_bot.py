"""The Bot API server of the tests as python-telegram-bot sees it. Arguments: its address, the token.

Waiting there: a text, a photo and an edit of chat 42, and the word that chat 13 has blocked the bot. Chat 29 is flooded.
"""

import asyncio
import sys

from telegram import Bot, InputMediaDocument, MessageEntity, ReplyParameters
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter

URL, TOKEN = sys.argv[1], sys.argv[2]
PNG = b"\x89PNG\r\n\x1a\npicture"


def bot(token):
    return Bot(token, base_url=f"{URL}/bot", base_file_url=f"{URL}/file/bot")


async def refuses(error, call):
    try:
        await call
    except error as caught:
        return caught
    raise AssertionError(f"{error.__name__} was to be raised")


async def receives(it):
    text, photo, edit, blocked = await it.get_updates(timeout=0)
    assert text.message.text == "hello" and text.message.chat.type == "private", text
    assert text.effective_user.full_name == "An Nguyễn" and text.effective_user.language_code == "vi", text
    largest = photo.message.photo[-1]
    assert largest.file_size == len(PNG) and photo.message.caption == "look", photo
    file = await it.get_file(largest.file_id)
    assert bytes(await file.download_as_bytearray()) == PNG
    assert edit.edited_message.text == "hello again" and edit.edited_message.edit_date, edit
    assert edit.edited_message.message_id == text.message.message_id
    assert blocked.my_chat_member.new_chat_member.status == "kicked", blocked
    assert await it.get_updates(offset=blocked.update_id + 1, timeout=1) == ()


async def sends(it):
    bold = [MessageEntity(MessageEntity.BOLD, 0, 4)]
    first = await it.send_message(42, "bold", entities=bold)
    assert first.entities == tuple(bold), first
    reply = ReplyParameters(first.message_id)
    photo = await it.send_photo(42, PNG, caption="below", reply_parameters=reply)
    assert photo.caption == "below" and photo.reply_to_message.message_id == first.message_id, photo
    paper = await it.send_document(42, b"%PDF", filename="terms.pdf")
    assert paper.document.file_name == "terms.pdf", paper
    album = await it.send_media_group(42, [InputMediaDocument(b"%PDF", filename=f"{n}.pdf") for n in range(3)], caption="all")
    assert [part.document.file_name for part in album] == ["0.pdf", "1.pdf", "2.pdf"], album
    assert len({part.media_group_id for part in album}) == 1 and album[0].caption == "all", album
    assert await it.send_chat_action(42, "typing")


async def is_refused(it):
    await refuses(BadRequest, it.send_message(99, "x"))
    await refuses(BadRequest, it.send_message(42, "x" * 4097))
    await refuses(Forbidden, it.send_message(13, "x"))
    flooded = await refuses(RetryAfter, it.send_message(29, "x"))
    assert flooded.retry_after in (7, __import__("datetime").timedelta(seconds=7)), flooded.retry_after
    await refuses(InvalidToken, bot("1:wrong").initialize())
    assert await it.set_webhook("https://hub.example/7", secret_token="s3cret", allowed_updates=["message"], max_connections=9)
    info = await it.get_webhook_info()
    assert info.url == "https://hub.example/7" and info.max_connections == 9, info
    await refuses(Conflict, it.get_updates())
    assert await it.delete_webhook()


async def main():
    async with bot(TOKEN) as it:
        assert it.username == "shop_bot", it
        await receives(it)
        await sends(it)
        await is_refused(it)


asyncio.run(main())
print("python-telegram-bot: all is as it should be")
