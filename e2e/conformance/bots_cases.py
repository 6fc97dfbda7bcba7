"""What is called, and what Telegram's documentation says is answered."""

import base64
import os

API, TOKEN = os.environ["BOT_API"], os.environ["BOT_TOKEN"]
CHAT, BLOCKED = int(os.environ["CHAT"]), int(os.environ["BLOCKED"])
PEOPLE = os.environ["PEOPLE"]
NOWHERE = 4_503_599_627_370_495
GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
ME = {"id": int(TOKEN.split(":")[0]), "is_bot": True}


class File:
    """A file that is sent along."""

    def __init__(self, name: str, content: bytes):
        self.name, self.content = name, content


class Of:
    """A value that only an earlier answer tells: of the case of that name, the field at that path."""

    def __init__(self, case: str, *path, plus: int = 0):
        self.case, self.path, self.plus = case, path, plus


class Refused:
    def __init__(self, code: int, description: str):
        self.code, self.description = code, description


# Stands in an expectation for any value of that type.
NUMBER, TEXT, YES = int, str, True
MESSAGE = {"message_id": NUMBER, "date": NUMBER, "chat": {"id": CHAT, "type": "private"}, "from": ME}
BUTTONS = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}, {"text": "Site", "url": "https://example.com/"}]]}
PRESSABLE = {"kind": "inline", "rows": [[{"text": "Yes"}, {"text": "Site", "url": "https://example.com/"}]]}
KEYS = {"keyboard": [[{"text": "Table"}, {"text": "Floor"}]], "one_time_keyboard": True, "resize_keyboard": True}
BLOCKED_BY_USER = Refused(403, "Forbidden: bot was blocked by the user")
NO_CHAT = Refused(400, "Bad Request: chat not found")
FILE = {"file_id": TEXT, "file_unique_id": TEXT, "file_size": NUMBER}
CUSTOMER = {"id": NUMBER, "is_bot": False, "first_name": TEXT}
MEMBER, KICKED = {"status": "member", "user": ME}, {"status": "kicked", "user": ME, "until_date": NUMBER}
# From here on the bot is told what came after the last that it has fetched.
SINCE = Of("updates, the last", 0, "update_id", plus=1)
ALL = ["message", "edited_message", "callback_query", "my_chat_member"]
BOLD = [{"type": "bold", "offset": 0, "length": 4}]


def message(**more):
    return {**MESSAGE, **more}


def sees(case: str, **what):
    """What the visitor has of the message that the bot was told of in that case."""
    return (f"{case}, at the visitor", "@sees", {"number": Of(case, "message_id")}, what)


def comes(case: str, kind: str, update: dict):
    """One update of that kind has come, and of no other is told."""
    given = {"offset": SINCE, "timeout": 10, "allowed_updates": [kind]}
    return (case, "getUpdates", given, [{"update_id": NUMBER, kind: update}])


def said(text: str, **more):
    return {"chat_id": CHAT, "text": text, **more}


# Name, method, parameters, answer; in order, each way from the first to the last. What begins with @ is done by others than the
# bot, and seen by them.
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
    sees("buttons", text="Which?", rich={"keyboard": PRESSABLE}),
    ("every kind", "getUpdates", {"offset": SINCE, "allowed_updates": ALL}, list),
    ("a press", "@presses", {"number": Of("buttons", "message_id"), "row": 0, "column": 0, "text": "Yes"}, {}),
    comes("a press, told", "callback_query", {"id": TEXT, "from": CUSTOMER, "message": message(message_id=Of("buttons", "message_id"), text="Which?", reply_markup=BUTTONS), "chat_instance": TEXT, "data": "y"}),
    ("the press, answered", "answerCallbackQuery", {"callback_query_id": Of("a press, told", 0, "callback_query", "id"), "text": "Noted"}, YES),
    ("its answer, at the visitor", "@hears", {}, {"text": "Noted"}),
    ("every kind again", "getUpdates", {"offset": SINCE, "allowed_updates": ALL}, list),
    ("a correction", "@edits", {"text": "A red lamp"}, {}),
    comes("a correction, told", "edited_message", {"message_id": NUMBER, "date": NUMBER, "edit_date": NUMBER, "text": "A red lamp", "from": CUSTOMER, "chat": {"id": NUMBER, "type": "private"}}),
    ("every kind, after it", "getUpdates", {"offset": SINCE, "allowed_updates": ALL}, list),
    ("a block", "@blocks", {}, {}),
    comes("a block, told", "my_chat_member", {"chat": {"id": CHAT, "type": "private"}, "from": CUSTOMER, "date": NUMBER, "old_chat_member": MEMBER, "new_chat_member": KICKED}),
    ("its end", "@unblocks", {}, {}),
    ("its end, told", "getUpdates", {"offset": Of("a block, told", 0, "update_id", plus=1), "timeout": 10, "allowed_updates": ["my_chat_member"]}, [{"my_chat_member": {"old_chat_member": KICKED, "new_chat_member": MEMBER}}]),
    ("kinds that nobody knows", "getUpdates", {"offset": Of("its end, told", 0, "update_id", plus=1), "allowed_updates": ["dance"]}, []),
    ("two that fetch", "@@polls", {"offset": Of("its end, told", 0, "update_id", plus=1), "allowed_updates": ["callback_query"]}, Refused(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")),
    ("every kind, in the end", "getUpdates", {"offset": Of("its end, told", 0, "update_id", plus=1), "allowed_updates": ALL}, []),
    ("buttons, data too long", "sendMessage", said("Which?", reply_markup={"inline_keyboard": [[{"text": "x", "callback_data": "x" * 65}]]}), Refused(400, "Bad Request: BUTTON_DATA_INVALID")),
    ("reply keyboard", "sendMessage", said("Which?", reply_markup=KEYS), message(text="Which?")),
    sees("reply keyboard", text="Which?", rich={"keyboard": {"kind": "choices", "rows": [["Table", "Floor"]], "once": True}}),
    ("keyboard's removal", "sendMessage", said("Thanks", reply_markup={"remove_keyboard": True}), message(text="Thanks")),
    sees("keyboard's removal", text="Thanks", rich={"keyboard": {"kind": "remove"}}),
    ("force reply", "sendMessage", said("Who?", reply_markup={"force_reply": True, "input_field_placeholder": "Your name"}), message(text="Who?")),
    sees("force reply", text="Who?", rich={"keyboard": {"kind": "choices", "rows": [], "once": True, "placeholder": "Your name"}}),
    ("an answer", "sendMessage", said("Yes", reply_parameters={"message_id": Of("a text", "message_id")}), message(text="Yes", reply_to_message={"message_id": Of("a text", "message_id"), "text": "Hello & <you> 😀"})),
    ("an answer to nothing", "sendMessage", said("Yes", reply_parameters={"message_id": 999_999}), Refused(400, "Bad Request: message to be replied not found")),
    ("an answer to nothing, alone", "sendMessage", said("Yes", reply_parameters={"message_id": 999_999, "allow_sending_without_reply": True}), message(text="Yes")),
    ("edit", "editMessageText", said("<b>bold</b>", parse_mode="HTML", message_id=Of("a text", "message_id")), message(text="bold", entities=BOLD, edit_date=NUMBER)),
    ("edit, the same", "editMessageText", said("bold", entities=BOLD, message_id=Of("a text", "message_id")), Refused(400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")),
    ("edit, nothing there", "editMessageText", said("x", message_id=999_999), Refused(400, "Bad Request: message to edit not found")),
    ("edit, buttons", "editMessageReplyMarkup", {"chat_id": CHAT, "message_id": Of("a text", "message_id"), "reply_markup": BUTTONS}, message(reply_markup=BUTTONS)),
    ("delete", "deleteMessage", {"chat_id": CHAT, "message_id": Of("HTML", "message_id")}, YES),
    sees("HTML", text="", deleted_at=NUMBER),
    ("delete, gone already", "deleteMessage", {"chat_id": CHAT, "message_id": Of("HTML", "message_id")}, Refused(400, "Bad Request: message to delete not found")),
    ("a press that is over", "answerCallbackQuery", {"callback_query_id": "4711", "text": "x"}, Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")),
    ("typing", "sendChatAction", {"chat_id": CHAT, "action": "typing"}, YES),
    ("a photo", "sendPhoto", {"chat_id": CHAT, "photo": File("dot.png", PNG), "caption": "A dot"}, message(caption="A dot", photo=[{**FILE, "width": NUMBER, "height": NUMBER}])),
    sees("a photo", text="A dot", attachments=[{"name": "dot.png", "media_type": "image/png", "picture": True}]),
    ("another caption", "editMessageCaption", {"chat_id": CHAT, "message_id": Of("a photo", "message_id"), "caption": "One dot"}, message(caption="One dot", edit_date=NUMBER, photo=[FILE])),
    sees("another caption", text="One dot"),
    ("a photo that moves", "sendPhoto", {"chat_id": CHAT, "photo": File("dot.gif", GIF)}, message(photo=[FILE])),
    ("an animation", "sendAnimation", {"chat_id": CHAT, "animation": File("dot.gif", GIF)}, message(animation={**FILE, "width": NUMBER, "height": NUMBER, "duration": NUMBER}, document=FILE)),
    ("a document", "sendDocument", {"chat_id": CHAT, "document": File("words.txt", b"Words\n"), "caption": "*Words*", "parse_mode": "MarkdownV2"}, message(caption="Words", document={"file_id": TEXT, "file_unique_id": TEXT, "file_name": "words.txt"})),
    ("a document again", "sendDocument", {"chat_id": CHAT, "document": Of("a document", "document", "file_id")}, message(document={"file_id": TEXT, "file_name": "words.txt"})),
    ("a document of an address", "sendDocument", {"chat_id": CHAT, "document": f"{PEOPLE}/words.txt"}, message(document={"file_id": TEXT})),
    ("a voice", "sendVoice", {"chat_id": CHAT, "voice": File("voice.ogg", b"OggS" + bytes(60))}, message(voice={**FILE, "duration": NUMBER})),
    ("an audio", "sendAudio", {"chat_id": CHAT, "audio": File("song.mp3", b"ID3" + bytes(60))}, message(audio={**FILE, "duration": NUMBER})),
    ("a video", "sendVideo", {"chat_id": CHAT, "video": File("film.mp4", b"\0\0\0\x18ftypmp42" + bytes(60))}, message(video={**FILE, "duration": NUMBER, "width": NUMBER, "height": NUMBER})),
    ("no file", "sendDocument", {"chat_id": CHAT, "document": "nonsense"}, Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")),
    ("a file", "getFile", {"file_id": Of("a document", "document", "file_id")}, {"file_id": TEXT, "file_unique_id": TEXT, "file_size": 6, "file_path": TEXT}),
    ("its bytes", "@@downloads", {"file_id": Of("a document", "document", "file_id")}, "Words\n"),
    ("no such file", "getFile", {"file_id": "nonsense"}, Refused(400, "Bad Request: invalid file_id")),
    ("a place", "sendLocation", {"chat_id": CHAT, "latitude": 48.2, "longitude": 16.37}, message(location={"latitude": float, "longitude": float})),
    ("a venue", "sendVenue", {"chat_id": CHAT, "latitude": 48.2, "longitude": 16.37, "title": "Lamps", "address": "Main Street 1"}, message(venue={"location": {"latitude": float, "longitude": float}, "title": "Lamps", "address": "Main Street 1"}, location={"latitude": float, "longitude": float})),
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
    ("a note", "switchboard.addNote", {"chat_id": CHAT, "text": "Wants a red one"}, {"message_id": NUMBER}),
    ("tags", "switchboard.setTags", {"chat_id": CHAT, "tags": ["lamp"]}, YES),
    ("how urgent", "switchboard.setPriority", {"chat_id": CHAT, "priority": "high"}, YES),
    ("how urgent, wrong", "switchboard.setPriority", {"chat_id": CHAT, "priority": "dire"}, Refused(400, "Bad Request: priority must be one of none, low, medium, high and urgent")),
    ("the conversation", "switchboard.getConversation", {"chat_id": CHAT}, {"chat_id": CHAT, "channel": "web", "status": TEXT, "priority": "high", "tags": ["lamp"], "contact": {"id": TEXT, "attributes": {}, "tags": []}}),
    ("a hand-over", "switchboard.handOver", {"chat_id": CHAT, "reason": "wants a refund"}, YES),
    ("after it", "sendMessage", said("x"), BLOCKED_BY_USER),
    ("let in again", "@unblocks", {}, {}),
    ("once more", "sendMessage", said("x"), message(text="x")),
]
# Past any library, which knows the names and has one token.
RAW_CASES = [
    ("a name in other letters", "SENDmessage", said("x"), message(text="x")),
    ("no such method", "sendMassage", {}, Refused(404, "Not Found")),
    ("no chat named", "sendMessage", {"text": "x"}, Refused(400, "Bad Request: chat_id is empty")),
]
