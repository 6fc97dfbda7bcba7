"""What Python's own email package finds in mails: one line of JSON for each file that is named.

Of the text only its words, for how lines are put together again is a matter of taste; of files the SHA-256 of their bytes.
"""

import email
import email.policy
import hashlib
import json
import sys


def text_of(part):
    payload = part.get_payload(decode=True) or b""
    charset = part.get_content_charset() or "utf-8"
    try:
        return payload.decode(charset, "replace")
    except LookupError:
        return payload.decode("latin-1")


def leaves(mail):
    """Parts that hold something themselves; a mail in a mail is one, as it stands."""
    if mail.get_content_maintype() == "message" or not mail.is_multipart():
        yield mail
        return
    for part in mail.get_payload():
        yield from leaves(part)


def found(path):
    with open(path, "rb") as file:
        mail = email.message_from_binary_file(file, policy=email.policy.compat32)
    words, files = [], []
    for part in leaves(mail):
        kind = part.get_content_type()
        is_file = part.get_content_disposition() == "attachment" or part.get_filename()
        if kind == "text/plain" and not is_file:
            words += text_of(part).split()
        elif part.get_content_maintype() not in ("text", "message", "multipart"):
            payload = part.get_payload(decode=True) or b""
            if payload.strip():
                # How lines end is a matter of the way.
                files.append(hashlib.sha256(payload.replace(b"\r", b"")).hexdigest())
    return {"path": path, "words": words, "files": files}


for path in sys.argv[1:]:
    print(json.dumps(found(path)))
