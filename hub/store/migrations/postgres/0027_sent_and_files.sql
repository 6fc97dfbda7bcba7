-- Who of the team wrote first; none: the customer did.
ALTER TABLE conversations ADD COLUMN started_by TEXT REFERENCES agents (id);
UPDATE conversations SET started_by = (SELECT a.id FROM messages AS m JOIN agents AS a ON a.id = m.author::jsonb->>'id'
        WHERE m.conversation_id = conversations.id AND m.kind = 'out' ORDER BY m.number LIMIT 1)
    WHERE last_in_number = 0;

-- A file came with one of its messages.
ALTER TABLE conversations ADD COLUMN has_files BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE conversations SET has_files = TRUE
    WHERE id IN (SELECT f.conversation_id FROM attachments AS f WHERE f.message_id IS NOT NULL);

-- What somebody has begun and nobody has answered, in the order of its lists.
CREATE INDEX conversations_sent_by_activity ON conversations (started_by, last_activity_at, id)
    WHERE started_by IS NOT NULL AND last_in_number = 0 AND place = 'inbox';
CREATE INDEX conversations_sent_by_waiting ON conversations
    (started_by, (COALESCE(waiting_since, 9223372036854775807)), id)
    WHERE started_by IS NOT NULL AND last_in_number = 0 AND place = 'inbox';

-- What teams have to do is counted by this alone.
CREATE INDEX conversations_open_by_team ON conversations (team_id, inbox_id)
    WHERE team_id IS NOT NULL AND place = 'inbox' AND status = 'open';
