-- What somebody was told because it concerns them: one of a kind for a conversation, the last. `number` is the message or line
-- that tells of it, `author` (JSON) who did it, `read_at` when it was seen.
CREATE TABLE notifications (
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    number BIGINT NOT NULL,
    author TEXT NOT NULL,
    at BIGINT NOT NULL,
    read_at BIGINT,
    PRIMARY KEY (agent_id, conversation_id, kind)
);
CREATE INDEX notifications_of_agent ON notifications (agent_id, at);
CREATE INDEX notifications_by_age ON notifications (at);
-- Found by what goes along when a conversation is deleted.
CREATE INDEX notifications_by_conversation ON notifications (conversation_id);

-- How somebody wants to be told of a kind, where that is not as it comes.
CREATE TABLE notification_choices (
    kind TEXT NOT NULL,
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    app BOOLEAN NOT NULL,
    sound BOOLEAN NOT NULL,
    desktop BOOLEAN NOT NULL,
    PRIMARY KEY (kind, agent_id)
);
