-- Table for table and column for column the same as the PostgreSQL one; a test proves it.
-- Ids are ULIDs of 26 characters, times unix milliseconds, JSON is text.

-- One row: the head of the feed, and the last number given to a conversation.
CREATE TABLE feed_head (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    epoch TEXT NOT NULL,
    position BIGINT NOT NULL,
    last_conversation_number BIGINT NOT NULL
);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- The team ---------------------------------------------------------------------------------------------------------

CREATE TABLE agents (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    display_name TEXT,
    disabled BOOLEAN NOT NULL,
    password_hash TEXT,
    availability TEXT NOT NULL,
    access_position BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL
);
CREATE INDEX sessions_by_agent ON sessions (agent_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    expires_at BIGINT
);
CREATE INDEX tokens_by_agent ON tokens (agent_id);

-- Links through which somebody chooses a password; at most one is open for an agent.
CREATE TABLE entry_links (
    agent_id TEXT NOT NULL PRIMARY KEY REFERENCES agents (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    purpose TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE teams (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE team_members (
    team_id TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, agent_id)
);
CREATE INDEX team_members_by_agent ON team_members (agent_id);

CREATE TABLE inboxes (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    case_prefix TEXT NOT NULL,
    -- Only for web chat; the key is inside the settings too, here it is unique.
    widget_key TEXT UNIQUE,
    web TEXT,
    created_at BIGINT NOT NULL,
    removed_at BIGINT
);

CREATE TABLE inbox_agents (
    inbox_id TEXT NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    PRIMARY KEY (inbox_id, agent_id)
);
CREATE INDEX inbox_agents_by_agent ON inbox_agents (agent_id);

CREATE TABLE inbox_teams (
    inbox_id TEXT NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    team_id TEXT NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    PRIMARY KEY (inbox_id, team_id)
);
CREATE INDEX inbox_teams_by_team ON inbox_teams (team_id);

-- Customers --------------------------------------------------------------------------------------------------------

CREATE TABLE contacts (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    email TEXT,
    phone TEXT,
    language TEXT,
    time_zone TEXT,
    notes TEXT NOT NULL,
    tags TEXT NOT NULL,
    -- The organisation's own fields, name to value.
    fields TEXT NOT NULL DEFAULT '{}',
    -- This card has become a part of that one; unmerging clears it.
    merged_into TEXT REFERENCES contacts (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX contacts_by_email ON contacts (email);

CREATE TABLE identities (
    id TEXT NOT NULL PRIMARY KEY,
    contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    inbox_id TEXT NOT NULL REFERENCES inboxes (id),
    channel TEXT NOT NULL,
    -- The provider's id of the person.
    provider_key TEXT NOT NULL,
    address TEXT,
    verified BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (inbox_id, provider_key)
);
CREATE INDEX identities_by_contact ON identities (contact_id);

-- Conversations ----------------------------------------------------------------------------------------------------

CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    case_number TEXT NOT NULL,
    inbox_id TEXT NOT NULL REFERENCES inboxes (id),
    channel TEXT NOT NULL,
    contact_id TEXT NOT NULL REFERENCES contacts (id),
    identity_id TEXT NOT NULL REFERENCES identities (id),
    subject TEXT,
    status TEXT NOT NULL,
    place TEXT NOT NULL,
    snoozed_until BIGINT,
    -- All in order, the primary one first; conversation_assignees has the same, to be searched by.
    assignees TEXT NOT NULL,
    team_id TEXT REFERENCES teams (id) ON DELETE SET NULL,
    flagged BOOLEAN NOT NULL,
    priority TEXT NOT NULL,
    tags TEXT NOT NULL,
    language TEXT,
    source TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_activity_at BIGINT NOT NULL,
    waiting_since BIGINT,
    last_number BIGINT NOT NULL,
    last_in_number BIGINT NOT NULL,
    -- The last reply and whose it was: what another reply may collide with.
    last_out_number BIGINT,
    last_out_author TEXT,
    -- 'in' or 'out': who spoke last.
    last_kind TEXT,
    preview TEXT,
    delivered_number BIGINT NOT NULL,
    contact_read_number BIGINT NOT NULL,
    staff_read_number BIGINT NOT NULL,
    -- Raised by block, take-over and hand-over: a bot's write of an older generation is refused.
    bot_generation BIGINT NOT NULL DEFAULT 0
);
-- Where it lies, as one word: its place, and in the inbox its status.
CREATE INDEX conversations_by_inbox_activity
    ON conversations (inbox_id, (CASE place WHEN 'inbox' THEN status ELSE place END), last_activity_at, id);
CREATE INDEX conversations_by_activity
    ON conversations ((CASE place WHEN 'inbox' THEN status ELSE place END), last_activity_at, id);
-- Who does not wait comes after all who do.
CREATE INDEX conversations_by_waiting ON conversations
    ((CASE place WHEN 'inbox' THEN status ELSE place END), (COALESCE(waiting_since, 9223372036854775807)), id);
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX conversations_by_contact ON conversations (contact_id, inbox_id);
CREATE INDEX conversations_by_identity ON conversations (identity_id, number);
CREATE INDEX conversations_by_team ON conversations (team_id) WHERE team_id IS NOT NULL;

-- How many there are of each kind: kept by the table itself, so that nobody has to count what is closed.
CREATE TABLE conversation_counts (
    inbox_id TEXT NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    place TEXT NOT NULL,
    status TEXT NOT NULL,
    conversations BIGINT NOT NULL,
    PRIMARY KEY (inbox_id, place, status)
);

CREATE TABLE conversation_assignees (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    agent_id TEXT NOT NULL REFERENCES agents (id),
    PRIMARY KEY (agent_id, conversation_id)
);
CREATE INDEX conversation_assignees_by_conversation ON conversation_assignees (conversation_id);

CREATE TABLE conversation_tags (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (tag, conversation_id)
);
CREATE INDEX conversation_tags_by_conversation ON conversation_tags (conversation_id);

CREATE TABLE messages (
    id TEXT NOT NULL PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    author TEXT NOT NULL,
    at BIGINT NOT NULL,
    text TEXT NOT NULL,
    attachments TEXT NOT NULL,
    delivery TEXT,
    delivery_note TEXT,
    line TEXT,
    client_id TEXT,
    edited_at BIGINT,
    deleted_at BIGINT,
    -- Of the event that told of it first.
    position BIGINT NOT NULL,
    UNIQUE (conversation_id, number)
);
-- The search index goes on from a position.
CREATE INDEX messages_by_position ON messages (position);

CREATE TABLE attachments (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    picture BOOLEAN NOT NULL,
    -- 'agent:…' or 'identity:…': who sent it up, and alone may put it into a message.
    uploader TEXT NOT NULL,
    conversation_id TEXT REFERENCES conversations (id) ON DELETE CASCADE,
    message_id TEXT REFERENCES messages (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL
);
CREATE INDEX attachments_by_message ON attachments (message_id) WHERE message_id IS NOT NULL;
-- All that counting them needs, without the rows: SQLite wants the column of the condition among the others.
CREATE INDEX attachments_unnamed ON attachments (created_at, bytes, message_id) WHERE message_id IS NULL;

-- Uploads of the last day, from before their first byte: what lies on disk under one of these ids and is in no message by
-- then is removed, and nothing else ever is. Whatever takes a row from attachments puts its id here first.
CREATE TABLE uploads (
    id TEXT NOT NULL PRIMARY KEY,
    begun_at BIGINT NOT NULL
);
CREATE INDEX uploads_by_time ON uploads (begun_at);

CREATE TABLE reads (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, agent_id)
);

-- The edge ---------------------------------------------------------------------------------------------------------

-- (author, client's id), (inbox, provider's id), idempotency keys: what is here has been done.
CREATE TABLE edge_keys (
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    target TEXT NOT NULL,
    answer TEXT,
    at BIGINT NOT NULL,
    -- The name first: our own clients' begin with the time, so that new ones lie together and not in a page each.
    PRIMARY KEY (name, scope)
) WITHOUT ROWID;
CREATE INDEX edge_keys_by_age ON edge_keys (at);

-- A row for each message that a connector has yet to take, until its receipt has come back.
CREATE TABLE outbox (
    message_id TEXT NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    inbox_id TEXT NOT NULL REFERENCES inboxes (id),
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (channel, due_at);

-- The feed. The frames are the very text that sockets send.
CREATE TABLE events (
    -- INTEGER, not BIGINT: only so is it the row's own place, without an index beside it.
    position INTEGER NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    -- 'inbox', 'agent', 'access' or 'team'.
    audience TEXT NOT NULL,
    inbox_id TEXT,
    agent_id TEXT,
    conversation_id TEXT,
    identity_id TEXT,
    staff_frame TEXT NOT NULL,
    visitor_frame TEXT
);
CREATE INDEX events_by_inbox ON events (inbox_id, position) WHERE inbox_id IS NOT NULL;

-- What differs between the engines ---------------------------------------------------------------------------------

-- Words for search, kept without the texts. `rowid` is a message's position (of the system lines, which share it with
-- their message, nothing is kept), or a conversation's number. Beginnings of two letters have lists of their own: the rows
-- of all words that begin so would be put together for each query, however few of them are wanted.
CREATE VIRTUAL TABLE message_words USING fts5
    (text, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii', prefix = '2');
CREATE VIRTUAL TABLE conversation_words USING fts5
    (text, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii', prefix = '2');

-- What is edited, deleted or gone is not found any more, by whatever way it went.
CREATE TRIGGER message_words_of_edited AFTER UPDATE OF text, attachments, deleted_at ON messages WHEN old.kind <> 'system'
BEGIN DELETE FROM message_words WHERE rowid = old.position; END;
CREATE TRIGGER message_words_of_gone AFTER DELETE ON messages WHEN old.kind <> 'system'
BEGIN DELETE FROM message_words WHERE rowid = old.position; END;
CREATE TRIGGER conversation_words_of_gone AFTER DELETE ON conversations
BEGIN DELETE FROM conversation_words WHERE rowid = old.number; END;

-- The kept numbers of conversations.
CREATE TRIGGER conversations_counted_begun AFTER INSERT ON conversations
BEGIN
    INSERT INTO conversation_counts (inbox_id, place, status, conversations)
        VALUES (new.inbox_id, new.place, new.status, 1)
        ON CONFLICT (inbox_id, place, status) DO UPDATE SET conversations = conversation_counts.conversations + 1;
END;
CREATE TRIGGER conversations_counted_moved AFTER UPDATE OF place, status, inbox_id ON conversations
    WHEN old.place <> new.place OR old.status <> new.status OR old.inbox_id <> new.inbox_id
BEGIN
    UPDATE conversation_counts SET conversations = conversations - 1
        WHERE inbox_id = old.inbox_id AND place = old.place AND status = old.status;
    INSERT INTO conversation_counts (inbox_id, place, status, conversations)
        VALUES (new.inbox_id, new.place, new.status, 1)
        ON CONFLICT (inbox_id, place, status) DO UPDATE SET conversations = conversation_counts.conversations + 1;
END;
CREATE TRIGGER conversations_counted_gone AFTER DELETE ON conversations
BEGIN
    UPDATE conversation_counts SET conversations = conversations - 1
        WHERE inbox_id = old.inbox_id AND place = old.place AND status = old.status;
END;
