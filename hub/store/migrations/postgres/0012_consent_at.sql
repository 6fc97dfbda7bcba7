-- When somebody last said whether they want to be written to: what was missed comes late, and changes nothing that was said after.
ALTER TABLE identities ADD COLUMN consent_at BIGINT;
UPDATE identities SET consent_at = stopped_at;
