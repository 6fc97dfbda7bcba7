-- What is to be done at a time, whoever is there then: of which kind, for what, and when (milliseconds since 1970).
CREATE TABLE timers (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
) WITHOUT ROWID;
CREATE INDEX timers_by_time ON timers (due_at);

-- A snoozed conversation has its timer, and no other has one, whichever way its row is written.
INSERT INTO timers (kind, subject, due_at)
    SELECT 'wake', id, snoozed_until FROM conversations WHERE snoozed_until IS NOT NULL;
CREATE TRIGGER conversations_timed AFTER UPDATE OF snoozed_until ON conversations
    WHEN old.snoozed_until IS NOT new.snoozed_until
BEGIN
    DELETE FROM timers WHERE kind = 'wake' AND subject = old.id;
    INSERT INTO timers (kind, subject, due_at)
        SELECT 'wake', new.id, new.snoozed_until WHERE new.snoozed_until IS NOT NULL;
END;
CREATE TRIGGER conversations_timed_gone AFTER DELETE ON conversations WHEN old.snoozed_until IS NOT NULL
BEGIN DELETE FROM timers WHERE kind = 'wake' AND subject = old.id; END;

-- What it found is found by the timers.
DROP INDEX conversations_snoozed;

-- Of the last reminder: whether it sleeps on when the customer answers, and who set it.
ALTER TABLE conversations ADD COLUMN snooze_stays BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE conversations ADD COLUMN snoozed_by TEXT REFERENCES agents (id);
