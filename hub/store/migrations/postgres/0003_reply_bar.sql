-- What the channel's connector says that it can carry, JSON: the reply bar follows it. None: it was not asked yet.
ALTER TABLE channels ADD COLUMN carries TEXT;
