-- Programs that answer beside the team. They are known by a token, of which the hash is kept.
CREATE TABLE bots (
    id TEXT NOT NULL PRIMARY KEY,
    -- What their token begins with, and who they are to themselves.
    number BIGINT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    username TEXT NOT NULL UNIQUE,
    off BOOLEAN NOT NULL,
    token_hash TEXT UNIQUE,
    token_hint TEXT,
    -- Where updates are brought: address, sealed secret, how many at once.
    webhook TEXT,
    -- Kinds of updates that are wanted; none: all.
    allowed TEXT,
    commands TEXT NOT NULL,
    trouble TEXT,
    trouble_at BIGINT,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT,
    -- What it wrote keeps its name.
    removed_at BIGINT
);

CREATE TABLE bot_inboxes (
    bot_id TEXT NOT NULL REFERENCES bots (id) ON DELETE CASCADE,
    inbox_id TEXT NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    -- The lowest is asked first.
    rank BIGINT NOT NULL,
    answers TEXT NOT NULL,
    PRIMARY KEY (bot_id, inbox_id)
);
CREATE INDEX bot_inboxes_by_inbox ON bot_inboxes (inbox_id, rank);

-- What the bots of an inbox do when people answer; none: as a new inbox has it.
ALTER TABLE inboxes ADD COLUMN bot_rules TEXT;

-- How a bot stands in a conversation in which something was done about it.
CREATE TABLE conversation_bots (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    bot_id TEXT NOT NULL REFERENCES bots (id) ON DELETE CASCADE,
    why TEXT,
    by_whom TEXT,
    blocked_at BIGINT,
    -- None though it is blocked: until it is undone.
    blocked_until BIGINT,
    -- Answers of the team up to this number keep it out no longer, or stand in the row.
    cleared_number BIGINT NOT NULL,
    -- Until then it may write once though it is blocked.
    pass_until BIGINT,
    asked_at BIGINT,
    -- By then it has to have answered.
    due_at BIGINT,
    failing BOOLEAN NOT NULL,
    PRIMARY KEY (conversation_id, bot_id)
);
CREATE INDEX conversation_bots_due ON conversation_bots (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX conversation_bots_until ON conversation_bots (blocked_until) WHERE blocked_until IS NOT NULL;

-- What waits for a bot, by the position of the event that it tells of.
CREATE TABLE bot_updates (
    bot_id TEXT NOT NULL REFERENCES bots (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    conversation_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    at BIGINT NOT NULL,
    -- Of webhooks.
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    PRIMARY KEY (bot_id, position)
);
CREATE INDEX bot_updates_by_conversation ON bot_updates (bot_id, conversation_id, position);
CREATE INDEX bot_updates_by_time ON bot_updates (at);

-- What a message's buttons say to its bot. It never leaves the hub.
CREATE TABLE bot_markups (
    message_id TEXT NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    markup TEXT NOT NULL
);

CREATE TABLE bot_log (
    id TEXT NOT NULL PRIMARY KEY,
    bot_id TEXT NOT NULL REFERENCES bots (id) ON DELETE CASCADE,
    conversation_id TEXT,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    status BIGINT NOT NULL,
    note TEXT,
    took_ms BIGINT NOT NULL
);
CREATE INDEX bot_log_by_bot ON bot_log (bot_id, id);
CREATE INDEX bot_log_by_conversation ON bot_log (conversation_id, bot_id, id) WHERE conversation_id IS NOT NULL;
CREATE INDEX bot_log_by_time ON bot_log (at);

-- Formatting and buttons.
ALTER TABLE messages ADD COLUMN rich TEXT;
-- The state above is looked at in the transaction that commits: nothing else is counted.
ALTER TABLE conversations DROP COLUMN bot_generation;
