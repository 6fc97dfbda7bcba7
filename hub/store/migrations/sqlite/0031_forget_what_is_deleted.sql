-- What is deleted forever is found wherever it is kept.

-- What a kept answer names: ids of conversations, messages and others.
CREATE TABLE answers_of (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    PRIMARY KEY (id, name, scope),
    FOREIGN KEY (name, scope) REFERENCES edge_keys (name, scope) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX answers_of_key ON answers_of (name, scope);
INSERT INTO answers_of (id, name, scope)
    SELECT DISTINCT named.value, e.name, e.scope FROM edge_keys AS e, json_tree(e.answer) AS named
    WHERE e.answer IS NOT NULL AND named.type = 'text'
        AND length(named.value) = 26 AND named.value NOT GLOB '*[^0-9A-HJKMNP-TV-Z]*';
DROP INDEX edge_keys_answered;

-- Customers' cards that were told before events named them.
UPDATE events SET contact_id = json_extract(staff_frame, '$.contact.id')
    WHERE contact_id IS NULL AND conversation_id IS NULL
        AND substr(staff_frame, 1, 120) LIKE '%"event":"contact_changed"%';
