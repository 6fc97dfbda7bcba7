-- The address for which a mail was first put together. Whom it answers follows from what stands before it, and that changes when messages
-- are moved.
ALTER TABLE messages ADD COLUMN went_to TEXT;
