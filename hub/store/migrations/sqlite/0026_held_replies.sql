-- Answers that wait a moment before they go out, so that they can be taken back; a timer ('held_send') has their time.
CREATE TABLE held_replies (
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    -- The writer's own id for it: the message will have the same.
    client_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    -- What was written. None: it was taken back, and only its id is kept.
    content TEXT,
    -- Why it did not go out at its time.
    refused TEXT,
    PRIMARY KEY (agent_id, client_id)
);
CREATE INDEX held_replies_by_conversation ON held_replies (conversation_id, due_at);
