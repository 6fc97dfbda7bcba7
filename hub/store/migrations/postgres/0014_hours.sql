-- When it is open; none: no business hours are set.
ALTER TABLE inboxes ADD COLUMN hours TEXT;
-- What is known of a customer besides, by name.
ALTER TABLE contacts ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';
