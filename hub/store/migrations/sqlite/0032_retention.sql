-- Since when it lies where it lies, to be deleted after its time. None: nobody has looked since it was put there; the upkeep
-- notes its own time then, so nothing is ever younger than it seems.
ALTER TABLE conversations ADD COLUMN placed_at BIGINT;
CREATE INDEX conversations_placed ON conversations (place, placed_at) WHERE place <> 'inbox';
