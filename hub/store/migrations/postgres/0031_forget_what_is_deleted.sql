-- What is deleted forever is found wherever it is kept.

-- What a kept answer names: ids of conversations, messages and others.
CREATE TABLE answers_of (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    PRIMARY KEY (id, name, scope),
    FOREIGN KEY (name, scope) REFERENCES edge_keys (name, scope) ON DELETE CASCADE
);
CREATE INDEX answers_of_key ON answers_of (name, scope);
INSERT INTO answers_of (id, name, scope)
    SELECT DISTINCT found.id[1], e.name, e.scope
    FROM edge_keys AS e, regexp_matches(e.answer, '"([0-9A-HJKMNP-TV-Z]{26})"', 'g') AS found (id)
    WHERE e.answer IS NOT NULL;
DROP INDEX edge_keys_answered;

-- Customers' cards that were told before events named them.
UPDATE events SET contact_id = CAST(staff_frame AS JSONB)->'contact'->>'id'
    WHERE contact_id IS NULL AND conversation_id IS NULL
        AND substr(staff_frame, 1, 120) LIKE '%"event":"contact_changed"%';
