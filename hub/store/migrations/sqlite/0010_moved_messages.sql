-- Messages that the team has put into another conversation, and conversations that were merged so.

-- Of the line that stands where a message stood: that message, and the number that it answered there.
ALTER TABLE messages ADD COLUMN moved_id TEXT;
ALTER TABLE messages ADD COLUMN moved_answers BIGINT;
-- A message may have stood in several conversations, in each at one place.
CREATE UNIQUE INDEX messages_moved ON messages (moved_id, conversation_id) WHERE moved_id IS NOT NULL;

-- The conversation that has the messages of this one, the position of the lines in their places, and how it stood before.
ALTER TABLE conversations ADD COLUMN merged_into TEXT REFERENCES conversations (id);
ALTER TABLE conversations ADD COLUMN merged_position BIGINT;
ALTER TABLE conversations ADD COLUMN merged_before TEXT;
CREATE INDEX conversations_by_merged ON conversations (merged_into) WHERE merged_into IS NOT NULL;
