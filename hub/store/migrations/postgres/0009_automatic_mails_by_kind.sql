-- Confirmations of forms and acknowledgements of mails are bounded apart. Those of before, and of a hub that is older, count as
-- acknowledgements.
ALTER TABLE automatic_mails ADD COLUMN kind TEXT NOT NULL DEFAULT 'acknowledgement';
