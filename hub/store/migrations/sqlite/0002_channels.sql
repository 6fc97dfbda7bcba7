-- Channels other than web chat: how they are set up, how they do, and what they know of messages.

CREATE TABLE channels (
    inbox_id TEXT NOT NULL PRIMARY KEY REFERENCES inboxes (id) ON DELETE CASCADE,
    -- JSON, without what is secret.
    settings TEXT NOT NULL,
    -- The secrets, sealed with the key that stands outside the database; and their names, a JSON list.
    sealed TEXT,
    secret_names TEXT NOT NULL,
    -- In the address at which the provider calls.
    webhook_key TEXT NOT NULL UNIQUE,
    -- Raised by each save: whoever runs an older one starts anew.
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    trouble TEXT,
    since BIGINT,
    last_received_at BIGINT,
    last_sent_at BIGINT
);

-- Where a channel goes on fetching.
CREATE TABLE channel_cursors (
    inbox_id TEXT NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (inbox_id, name)
);

-- By what a channel names a message: a Message-ID, a provider's number. Later things refer to it so.
CREATE TABLE message_references (
    inbox_id TEXT NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    reference TEXT NOT NULL,
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    PRIMARY KEY (inbox_id, reference)
);
CREATE INDEX message_references_by_message ON message_references (message_id);

-- What a channel has said of a message that it was faster with than we with its reference.
CREATE TABLE early_progress (
    inbox_id TEXT NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    reference TEXT NOT NULL,
    delivery TEXT NOT NULL,
    note TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (inbox_id, reference)
);
CREATE INDEX early_progress_by_age ON early_progress (at);

-- What of a message its row does not hold: it is read when somebody asks for it.
CREATE TABLE bodies (
    message_id TEXT NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    -- With what was quoted.
    whole_text TEXT,
    -- Sanitised.
    html TEXT
);

-- Who takes part in a conversation that is threaded by references, by address in lower case.
CREATE TABLE participants (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    PRIMARY KEY (conversation_id, address)
);

-- Subject, addresses, how it found its conversation: JSON, of mails alone.
ALTER TABLE messages ADD COLUMN mail TEXT;
-- They do not want to be written to (STOP), since then.
ALTER TABLE identities ADD COLUMN stopped_at BIGINT;
-- `cid:` of an inline picture.
ALTER TABLE attachments ADD COLUMN content_id TEXT;

-- The hub that has it in hand, since when, and what the last try came to.
ALTER TABLE outbox ADD COLUMN holder TEXT;
ALTER TABLE outbox ADD COLUMN tried_at BIGINT;
ALTER TABLE outbox ADD COLUMN note TEXT;
CREATE INDEX outbox_by_inbox ON outbox (inbox_id, state, due_at);
CREATE INDEX outbox_by_conversation ON outbox (conversation_id);
