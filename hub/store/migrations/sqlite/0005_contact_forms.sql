-- Forms on web sites whose messages come into a mail inbox.

CREATE TABLE contact_forms (
    inbox_id TEXT NOT NULL PRIMARY KEY REFERENCES inboxes (id) ON DELETE CASCADE,
    -- In the address to which pages send.
    form_key TEXT NOT NULL UNIQUE,
    -- JSON.
    settings TEXT NOT NULL
);

-- When an address was last told that its message is here: anybody can type anybody's into a form.
CREATE TABLE form_confirmations (
    address TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE INDEX form_confirmations_by_age ON form_confirmations (at);
