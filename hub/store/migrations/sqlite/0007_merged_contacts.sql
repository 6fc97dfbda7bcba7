-- Cards of one person that the team has merged, and of which it has said that they are not one person's.

-- The card at the top of those that were merged, the same on each of them. None: this card is merged with no other.
ALTER TABLE contacts ADD COLUMN person_id TEXT REFERENCES contacts (id);
ALTER TABLE contacts ADD COLUMN merged_at BIGINT;
ALTER TABLE contacts ADD COLUMN merged_by TEXT;
-- In the order in which they are shown.
CREATE INDEX contacts_by_person ON contacts (person_id, (COALESCE(merged_at, 0)), id) WHERE person_id IS NOT NULL;

-- What is typed on the card, in the spelling in which cards are compared: small letters, E.164.
ALTER TABLE contacts ADD COLUMN email_key TEXT;
ALTER TABLE contacts ADD COLUMN phone_key TEXT;
UPDATE contacts SET email_key = lower(trim(email)) WHERE email LIKE '%@%';
UPDATE contacts SET phone_key =
    replace(replace(replace(replace(replace(replace(phone, ' ', ''), '-', ''), '(', ''), ')', ''), '.', ''), '/', '')
    WHERE phone LIKE '+%';
CREATE INDEX contacts_by_email_key ON contacts (email_key) WHERE email_key IS NOT NULL;
CREATE INDEX contacts_by_phone_key ON contacts (phone_key) WHERE phone_key IS NOT NULL;
-- Nothing asked for it.
DROP INDEX contacts_by_email;
CREATE INDEX identities_by_key ON identities (provider_key);

-- Both ways round, so that either is found.
CREATE TABLE not_the_same (
    contact_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    other_id TEXT NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    said_by TEXT NOT NULL,
    said_at BIGINT NOT NULL,
    PRIMARY KEY (contact_id, other_id)
);
CREATE INDEX not_the_same_by_other ON not_the_same (other_id);
