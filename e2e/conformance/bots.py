"""Methods of the Bot API, each called in one way against a hub, and answered as Telegram's documentation says: raw by HTTP in one
of the four ways that "Making requests" names, or as a library's own function, whose types have to take what comes.

    BOT_API=… BOT_TOKEN=… CHAT=… BLOCKED=… python3 bots.py WAY

WAY is GET, form, JSON, multipart, python-telegram-bot or aiogram; the latter two need the library. CHAT is a conversation of the
bot's, BLOCKED one in which it is blocked. Prints a JSON object for each call: what it was, and what was wrong with its answer.
"""

import asyncio
import inspect
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

API, TOKEN = os.environ["BOT_API"], os.environ["BOT_TOKEN"]
CHAT, BLOCKED = int(os.environ["CHAT"]), int(os.environ["BLOCKED"])
NOWHERE = 4_503_599_627_370_495
RAW = ("GET", "form", "JSON", "multipart")
PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
ME = {"id": int(TOKEN.split(":")[0]), "is_bot": True}


class File:
    """A file that is sent along."""

    def __init__(self, name: str, content: bytes):
        self.name, self.content = name, content


class Of:
    """A value that only an earlier answer tells: of the case of that name, the field at that path."""

    def __init__(self, case: str, *path):
        self.case, self.path = case, path


class Refused:
    def __init__(self, code: int, description: str):
        self.code, self.description = code, description


# Stands in an expectation for any value of that type.
NUMBER, TEXT, YES = int, str, True
MESSAGE = {"message_id": NUMBER, "date": NUMBER, "chat": {"id": CHAT, "type": "private"}, "from": ME}
BUTTONS = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}, {"text": "Site", "url": "https://example.com/"}]]}
KEYS = {"keyboard": [[{"text": "Table"}, {"text": "Floor"}]], "one_time_keyboard": True, "resize_keyboard": True}
BLOCKED_BY_USER = Refused(403, "Forbidden: bot was blocked by the user")
NO_CHAT = Refused(400, "Bad Request: chat not found")
BOLD = [{"type": "bold", "offset": 0, "length": 4}]


def message(**more):
    return {**MESSAGE, **more}


def said(text: str, **more):
    return {"chat_id": CHAT, "text": text, **more}


# Name, method, parameters, answer; in order, each way from the first to the last.
CASES = [
    ("me", "getMe", {}, {**ME, "first_name": TEXT, "username": TEXT, "can_join_groups": bool}),
    ("updates", "getUpdates", {"timeout": 10, "limit": 1, "allowed_updates": ["message"]}, [{"update_id": NUMBER, "message": {"message_id": NUMBER, "date": NUMBER, "text": TEXT, "chat": {"id": NUMBER, "type": "private"}, "from": {"is_bot": False, "first_name": TEXT}}}]),
    ("updates, the last", "getUpdates", {"offset": -1}, [{"update_id": NUMBER, "message": {"text": TEXT}}]),
    ("a webhook", "setWebhook", {"url": "https://127.0.0.1:9/hook", "secret_token": "Secret_1-", "allowed_updates": ["message"]}, YES),
    ("a webhook's secret", "setWebhook", {"url": "https://127.0.0.1:9/hook", "secret_token": "sp ace"}, Refused(400, "Bad Request: secret token contains unallowed characters")),
    ("updates of a webhook", "getUpdates", {}, Refused(409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")),
    ("webhook's state", "getWebhookInfo", {}, {"url": "https://127.0.0.1:9/hook", "has_custom_certificate": bool, "pending_update_count": NUMBER}),
    ("no webhook", "deleteWebhook", {}, YES),
    ("webhook's state, none", "getWebhookInfo", {}, {"url": "", "pending_update_count": NUMBER, "allowed_updates": ["message"]}),
    ("a text", "sendMessage", said("Hello & <you> 😀"), message(text="Hello & <you> 😀")),
    ("HTML", "sendMessage", said("<b>bold</b> &amp; <a href='https://example.com/'>x</a>", parse_mode="HTML"), message(text="bold & x", entities=[*BOLD, {"type": "text_link", "offset": 7, "length": 1, "url": "https://example.com/"}])),
    ("MarkdownV2", "sendMessage", said("*bold* \\- _x_", parse_mode="MarkdownV2"), message(text="bold - x", entities=[*BOLD, {"type": "italic", "offset": 7, "length": 1}])),
    ("Markdown", "sendMessage", said("*bold* x", parse_mode="Markdown"), message(text="bold x", entities=BOLD)),
    ("entities", "sendMessage", said("bold x", entities=BOLD), message(text="bold x", entities=BOLD)),
    ("HTML, broken", "sendMessage", said("<b>bold", parse_mode="HTML"), Refused(400, "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"")),
    ("MarkdownV2, broken", "sendMessage", said("a.b", parse_mode="MarkdownV2"), Refused(400, "Bad Request: can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'")),
    ("formatting nobody knows", "sendMessage", said("x", parse_mode="LaTeX"), Refused(400, "Bad Request: unsupported parse_mode")),
    ("a chat as a text", "sendMessage", {"chat_id": str(CHAT), "text": "x"}, message(text="x")),
    ("edit what they wrote", "editMessageText", said("x", message_id=1), Refused(400, "Bad Request: message can't be edited")),
    ("delete what they wrote", "deleteMessage", {"chat_id": CHAT, "message_id": 1}, YES),
    ("an action nobody knows", "sendChatAction", {"chat_id": CHAT, "action": "dancing"}, Refused(400, "Bad Request: wrong parameter action in request")),
    ("no text", "sendMessage", said(""), Refused(400, "Bad Request: message text is empty")),
    ("too long", "sendMessage", said("x" * 4_097), Refused(400, "Bad Request: message is too long")),
    ("no such chat", "sendMessage", {"chat_id": NOWHERE, "text": "x"}, NO_CHAT),
    ("blocked", "sendMessage", {"chat_id": BLOCKED, "text": "x"}, BLOCKED_BY_USER),
    ("blocked, typing", "sendChatAction", {"chat_id": BLOCKED, "action": "typing"}, BLOCKED_BY_USER),
    ("buttons", "sendMessage", said("Which?", reply_markup=BUTTONS), message(text="Which?", reply_markup=BUTTONS)),
    ("buttons, data too long", "sendMessage", said("Which?", reply_markup={"inline_keyboard": [[{"text": "x", "callback_data": "x" * 65}]]}), Refused(400, "Bad Request: BUTTON_DATA_INVALID")),
    ("reply keyboard", "sendMessage", said("Which?", reply_markup=KEYS), message(text="Which?")),
    ("keyboard's removal", "sendMessage", said("Thanks", reply_markup={"remove_keyboard": True}), message(text="Thanks")),
    ("force reply", "sendMessage", said("Who?", reply_markup={"force_reply": True}), message(text="Who?")),
    ("an answer", "sendMessage", said("Yes", reply_parameters={"message_id": Of("a text", "message_id")}), message(text="Yes", reply_to_message={"message_id": Of("a text", "message_id"), "text": "Hello & <you> 😀"})),
    ("an answer to nothing", "sendMessage", said("Yes", reply_parameters={"message_id": 999_999}), Refused(400, "Bad Request: message to be replied not found")),
    ("an answer to nothing, alone", "sendMessage", said("Yes", reply_parameters={"message_id": 999_999, "allow_sending_without_reply": True}), message(text="Yes")),
    ("edit", "editMessageText", said("<b>bold</b>", parse_mode="HTML", message_id=Of("a text", "message_id")), message(text="bold", entities=BOLD, edit_date=NUMBER)),
    ("edit, the same", "editMessageText", said("bold", entities=BOLD, message_id=Of("a text", "message_id")), Refused(400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")),
    ("edit, nothing there", "editMessageText", said("x", message_id=999_999), Refused(400, "Bad Request: message to edit not found")),
    ("edit, buttons", "editMessageReplyMarkup", {"chat_id": CHAT, "message_id": Of("a text", "message_id"), "reply_markup": BUTTONS}, message(reply_markup=BUTTONS)),
    ("delete", "deleteMessage", {"chat_id": CHAT, "message_id": Of("HTML", "message_id")}, YES),
    ("delete, gone already", "deleteMessage", {"chat_id": CHAT, "message_id": Of("HTML", "message_id")}, Refused(400, "Bad Request: message to delete not found")),
    ("a press that is over", "answerCallbackQuery", {"callback_query_id": "4711", "text": "x"}, Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")),
    ("typing", "sendChatAction", {"chat_id": CHAT, "action": "typing"}, YES),
    ("a photo", "sendPhoto", {"chat_id": CHAT, "photo": File("dot.gif", PIXEL), "caption": "A dot"}, message(caption="A dot")),
    ("a document", "sendDocument", {"chat_id": CHAT, "document": File("words.txt", b"Words\n"), "caption": "*Words*", "parse_mode": "MarkdownV2"}, message(caption="Words", document={"file_id": TEXT, "file_unique_id": TEXT, "file_name": "words.txt"})),
    ("a document again", "sendDocument", {"chat_id": CHAT, "document": Of("a document", "document", "file_id")}, message(document={"file_id": TEXT, "file_name": "words.txt"})),
    ("a document of an address", "sendDocument", {"chat_id": CHAT, "document": "https://example.com/words.txt"}, message(document={"file_id": TEXT})),
    ("a voice", "sendVoice", {"chat_id": CHAT, "voice": File("voice.ogg", b"OggS" + bytes(60))}, message()),
    ("an audio", "sendAudio", {"chat_id": CHAT, "audio": File("song.mp3", b"ID3" + bytes(60))}, message()),
    ("a video", "sendVideo", {"chat_id": CHAT, "video": File("film.mp4", b"\0\0\0\x18ftypmp42" + bytes(60))}, message()),
    ("no file", "sendDocument", {"chat_id": CHAT, "document": "nonsense"}, Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")),
    ("a file", "getFile", {"file_id": Of("a document", "document", "file_id")}, {"file_id": TEXT, "file_unique_id": TEXT, "file_size": 6, "file_path": TEXT}),
    ("no such file", "getFile", {"file_id": "nonsense"}, Refused(400, "Bad Request: invalid file_id")),
    ("a place", "sendLocation", {"chat_id": CHAT, "latitude": 48.2, "longitude": 16.37}, message(location={"latitude": float, "longitude": float})),
    ("a person", "sendContact", {"chat_id": CHAT, "phone_number": "+4312345", "first_name": "An"}, message(contact={"phone_number": TEXT, "first_name": "An"})),
    ("a chat", "getChat", {"chat_id": CHAT}, {"id": CHAT, "type": "private", "first_name": TEXT, "accent_color_id": NUMBER, "max_reaction_count": NUMBER}),
    ("no such chat, asked for", "getChat", {"chat_id": NOWHERE}, NO_CHAT),
    ("commands", "setMyCommands", {"commands": [{"command": "start", "description": "Begin"}]}, YES),
    ("commands, told", "getMyCommands", {}, [{"command": "start", "description": "Begin"}]),
    ("commands, wrong", "setMyCommands", {"commands": [{"command": "Start!", "description": "Begin"}]}, Refused(400, "Bad Request: BOT_COMMAND_INVALID")),
    ("commands, none", "deleteMyCommands", {}, YES),
    ("a copy", "copyMessage", {"chat_id": CHAT, "from_chat_id": CHAT, "message_id": Of("MarkdownV2", "message_id")}, {"message_id": NUMBER}),
    ("a copy of nothing", "copyMessage", {"chat_id": CHAT, "from_chat_id": CHAT, "message_id": 999_999}, Refused(400, "Bad Request: message to copy not found")),
    ("a forwarded one", "forwardMessage", {"chat_id": CHAT, "from_chat_id": CHAT, "message_id": Of("MarkdownV2", "message_id")}, message(text="bold - x", forward_origin={"type": "user", "date": NUMBER})),
    ("several files", "sendMediaGroup", {"chat_id": CHAT, "media": [{"type": "document", "media": Of("a document", "document", "file_id")}, {"type": "document", "media": Of("a document", "document", "file_id")}]}, [message(media_group_id=TEXT), message(media_group_id=TEXT)]),
]
# Past any library, which knows the names and has one token.
RAW_CASES = [
    ("a name in other letters", "SENDmessage", said("x"), message(text="x")),
    ("no such method", "sendMassage", {}, Refused(404, "Not Found")),
    ("no chat named", "sendMessage", {"text": "x"}, Refused(400, "Bad Request: chat_id is empty")),
]


class Failure(Exception):
    """The answer was a refusal."""

    def __init__(self, code: int, description: str, wait: float = 0):
        self.code, self.description, self.wait = code, description, wait


def raw(way: str, method: str, parameters: dict):
    """Calls as one would by hand; the result as it came."""
    plain = {name: value for name, value in parameters.items() if not isinstance(value, File)}
    flat = {name: value if isinstance(value, str) else json.dumps(value) for name, value in plain.items()}
    url, body, kind = f"{API}/bot{TOKEN}/{method}", None, None
    if len(plain) < len(parameters) or way == "multipart":
        boundary = uuid.uuid4().hex
        kind, body = f"multipart/form-data; boundary={boundary}", b""
        for name, value in parameters.items():
            file = f'; filename="{value.name}"' if isinstance(value, File) else ""
            content = value.content if isinstance(value, File) else flat[name].encode()
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + content + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
    elif way == "GET":
        url += f"?{urllib.parse.urlencode(flat)}"
    elif way == "form":
        kind, body = "application/x-www-form-urlencoded", urllib.parse.urlencode(flat).encode()
    else:
        kind, body = "application/json", json.dumps(plain).encode()
    request = urllib.request.Request(url, body, {"content-type": kind} if kind else {})
    try:
        answer = json.load(urllib.request.urlopen(request, timeout=30))
    except urllib.error.HTTPError as error:
        answer = json.load(error)
        if error.code != answer["error_code"]:
            raise AssertionError(f"status {error.code} with error_code {answer['error_code']}") from None
        wait = answer.get("parameters", {}).get("retry_after", 0)
        raise Failure(answer["error_code"], answer["description"], wait) from None
    assert answer["ok"] is True, answer
    return answer["result"]


def of_raw(way: str):
    async def call(method: str, parameters: dict):
        return raw(way, method, parameters)

    return call


def snake(method: str) -> str:
    return re.sub("[A-Z]", lambda letter: "_" + letter.group().lower(), method)


def of_python_telegram_bot():
    from telegram import Bot, InputFile, TelegramObject, error

    codes = {error.Forbidden: 403, error.Conflict: 409, error.InvalidToken: 404, error.BadRequest: 400, error.RetryAfter: 429}
    bot = Bot(TOKEN, base_url=f"{API}/bot", base_file_url=f"{API}/file/bot")

    def told(value):
        if isinstance(value, TelegramObject):
            return value.to_dict()
        return [told(one) for one in value] if isinstance(value, (list, tuple)) else value

    async def call(method: str, parameters: dict):
        given = {n: InputFile(v.content, v.name) if isinstance(v, File) else v for n, v in parameters.items()}
        if method == "sendMediaGroup":
            from telegram import InputMediaDocument

            given["media"] = [InputMediaDocument(one["media"]) for one in given["media"]]
        if method == "setMyCommands":
            given["commands"] = [(one["command"], one["description"]) for one in given["commands"]]
        try:
            return told(await getattr(bot, snake(method))(**given))
        except error.RetryAfter as refusal:
            raise Failure(429, refusal.message, 1) from None
        except error.TelegramError as refusal:
            raise Failure(codes[type(refusal)], refusal.message) from None

    return call


def of_aiogram():
    from aiogram import Bot, exceptions, methods
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import BufferedInputFile
    from pydantic import BaseModel

    codes = {
        exceptions.TelegramBadRequest: 400,
        exceptions.TelegramForbiddenError: 403,
        exceptions.TelegramNotFound: 404,
        exceptions.TelegramConflictError: 409,
    }
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(API)))

    def told(value):
        if isinstance(value, BaseModel):
            return value.model_dump(mode="json", by_alias=True, exclude_none=True, warnings=False)
        return [told(one) for one in value] if isinstance(value, list) else value

    async def call(method: str, parameters: dict):
        given = {n: BufferedInputFile(v.content, v.name) if isinstance(v, File) else v for n, v in parameters.items()}
        try:
            return told(await bot(getattr(methods, method[0].upper() + method[1:])(**given)))
        except exceptions.TelegramRetryAfter as refusal:
            raise Failure(429, refusal.message, refusal.retry_after) from None
        except exceptions.TelegramAPIError as refusal:
            raise Failure(codes[type(refusal)], refusal.message) from None

    call.close = bot.session.close
    return call


def filled(value, answers: dict):
    """With what earlier answers have told."""
    if isinstance(value, Of):
        found = answers[value.case]
        for step in value.path:
            found = found[step]
        return found
    if isinstance(value, dict):
        return {name: filled(one, answers) for name, one in value.items()}
    return [filled(one, answers) for one in value] if isinstance(value, list) else value


def differs(wanted, came, at: str = "result") -> str | None:
    """Where what came is not what is documented; what is there beside it is welcome."""
    if isinstance(wanted, type):
        fine = isinstance(came, (int, str) if at.endswith("date") else (wanted, int) if wanted is float else wanted)
        return None if fine else f"{at} is {came!r}"
    if isinstance(wanted, dict) and isinstance(came, dict):
        return next((why for name, one in wanted.items() if (why := differs(one, came.get(name), f"{at}.{name}"))), None)
    if isinstance(wanted, list) and isinstance(came, list):
        if len(wanted) != len(came):
            return f"{at} has {len(came)} entries and not {len(wanted)}"
        return next((why for n, one in enumerate(wanted) if (why := differs(one, came[n], f"{at}[{n}]"))), None)
    return None if wanted == came else f"{at} is {came!r}"


def bare(description: str) -> str:
    """Some libraries leave out what stands before all of one code, and then begin with a capital letter."""
    return re.sub("^(bad request|conflict|telegram server says - (bad request|conflict)|telegram server says -): *", "", description.casefold())


async def tried(call, method: str, parameters: dict, wanted, answers: dict, case: str) -> str | None:
    try:
        came = await call(method, filled(parameters, answers))
    except Failure as refusal:
        if refusal.wait:
            time.sleep(refusal.wait)
            return await tried(call, method, parameters, wanted, answers, case)
        if isinstance(wanted, Refused) and refusal.code == wanted.code and bare(refusal.description) == bare(wanted.description):
            return None
        return f"{refusal.code} {refusal.description}"
    answers[case] = came
    return "was not refused" if isinstance(wanted, Refused) else differs(filled(wanted, answers), came)


async def main(way: str) -> None:
    call = of_raw(way) if way in RAW else of_aiogram() if way == "aiogram" else of_python_telegram_bot()
    answers = {}
    for case, method, parameters, wanted in CASES + (RAW_CASES if way in RAW else []):
        try:
            wrong = await tried(call, method, parameters, wanted, answers, case)
        except Exception as error:  # noqa: BLE001 what a library makes of an answer is a finding, whatever it is
            wrong = f"{type(error).__name__}: {error}"
        print(json.dumps({"case": case, "method": method, "way": way, "wrong": wrong}), flush=True)
    if close := getattr(call, "close", None):
        closed = close()
        if inspect.isawaitable(closed):
            await closed


asyncio.run(main(sys.argv[1]))
