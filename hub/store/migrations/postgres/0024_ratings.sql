-- How the customer found it, from 1 to 5, as they said when it was closed. What they wrote to it stands in the thread.
ALTER TABLE conversations ADD COLUMN rating BIGINT;
