-- A template or a draft holds the file: no message names it yet, and it is no orphan all the same.
ALTER TABLE attachments ADD COLUMN kept BOOLEAN NOT NULL DEFAULT FALSE;
DROP INDEX attachments_unnamed;
-- As before; what is kept does not count against strangers' files.
CREATE INDEX attachments_unnamed ON attachments (created_at, bytes, message_id, kept) WHERE message_id IS NULL AND NOT kept;

-- Texts that are written once and sent often.
CREATE TABLE templates (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    -- The same with its formatting, sanitised.
    html TEXT,
    -- 'personal', 'team' or 'all'.
    scope TEXT NOT NULL,
    -- Who made it; a personal one is theirs alone.
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    -- Of a team's. None: that team was removed, and those who manage see to it.
    team_id TEXT REFERENCES teams (id) ON DELETE SET NULL,
    changed_at BIGINT NOT NULL,
    -- Thrown away then, and taken back until the upkeep comes.
    removed_at BIGINT
);
CREATE INDEX templates_by_agent ON templates (agent_id);
CREATE INDEX templates_by_team ON templates (team_id) WHERE team_id IS NOT NULL;
CREATE INDEX templates_removed ON templates (removed_at) WHERE removed_at IS NOT NULL;

CREATE TABLE template_files (
    template_id TEXT NOT NULL REFERENCES templates (id) ON DELETE CASCADE,
    place BIGINT NOT NULL,
    attachment_id TEXT NOT NULL REFERENCES attachments (id) ON DELETE CASCADE,
    PRIMARY KEY (template_id, place)
);
CREATE UNIQUE INDEX template_files_by_file ON template_files (attachment_id);
