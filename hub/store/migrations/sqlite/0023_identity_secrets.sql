-- By what a web inbox's site signs who is signed in there.
CREATE TABLE identity_secrets (
    inbox_id TEXT NOT NULL PRIMARY KEY REFERENCES inboxes (id) ON DELETE CASCADE,
    -- The one that is used, and older ones that still count.
    sealed TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    -- When the last of the older ones ends.
    old_until BIGINT
);
