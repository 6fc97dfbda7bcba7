-- Number of the message of the same conversation that a message answers; and what its author picked of it, or what stands in
-- one that is not known here, in the channel's words.
ALTER TABLE messages ADD COLUMN answers BIGINT;
ALTER TABLE messages ADD COLUMN quote TEXT;
