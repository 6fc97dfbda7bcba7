-- To whom the hub has written by itself, and from which inbox: each address hears so once in a while and an inbox writes so
-- many, whoever gives the addresses and whatever answers them.
CREATE TABLE automatic_mails (
    address TEXT NOT NULL PRIMARY KEY,
    inbox_id TEXT NOT NULL REFERENCES inboxes (id) ON DELETE CASCADE,
    at BIGINT NOT NULL
);
CREATE INDEX automatic_mails_by_age ON automatic_mails (at);
CREATE INDEX automatic_mails_by_inbox ON automatic_mails (inbox_id, at);

-- They were those of contact forms alone.
DROP TABLE form_confirmations;
