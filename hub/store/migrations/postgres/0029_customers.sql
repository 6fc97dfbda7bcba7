-- Customers as a list, cards that were made by hand, and what other systems know of a customer.

-- Who made a card that nobody had written in for; it belongs to no inbox until somebody writes.
ALTER TABLE contacts ADD COLUMN made_by TEXT;
CREATE INDEX contacts_by_hand ON contacts (id) WHERE made_by IS NOT NULL;
-- The list goes by persons, the newest first.
CREATE INDEX contacts_as_persons ON contacts ((COALESCE(person_id, id)));

CREATE TABLE contact_cards (
    contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    -- The system's own name: letters, digits, - and _.
    source TEXT NOT NULL,
    -- How that system calls the customer.
    outside_id TEXT,
    -- JSON, as the API has it.
    content TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (contact_id, source)
);
CREATE INDEX contact_cards_by_outside_id ON contact_cards (source, outside_id) WHERE outside_id IS NOT NULL;
