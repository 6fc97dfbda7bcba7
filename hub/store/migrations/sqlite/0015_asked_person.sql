-- The customer has asked for a person, until the case is closed or the team lets a bot answer again.
ALTER TABLE conversations ADD COLUMN asked_person BOOLEAN NOT NULL DEFAULT FALSE;
