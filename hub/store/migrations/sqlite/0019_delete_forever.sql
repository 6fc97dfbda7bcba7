-- What is deleted forever goes out of the feed and out of kept answers too, and is found there.

CREATE INDEX events_by_conversation ON events (conversation_id) WHERE conversation_id IS NOT NULL;
-- Of events that tell a customer's card.
ALTER TABLE events ADD COLUMN contact_id TEXT;
CREATE INDEX events_by_contact ON events (contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX edge_keys_answered ON edge_keys (at) WHERE answer IS NOT NULL;
