-- The address that a mail was first sent to. Whom it answers follows from what stands before it, and that changes when messages
-- are moved.
ALTER TABLE messages ADD COLUMN went_to TEXT;
