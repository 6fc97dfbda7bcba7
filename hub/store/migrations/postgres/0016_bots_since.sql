-- What was said before this position of the feed is not the bot's to hear: it came, or was switched on, then.
ALTER TABLE bot_inboxes ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
