-- Lists with their filters, kept under a name.
CREATE TABLE views (
    id TEXT NOT NULL PRIMARY KEY,
    -- Who made it; one that is not shared is theirs alone.
    agent_id TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    shared BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    -- The list as the wire has it.
    query TEXT NOT NULL,
    -- Smaller stands higher, among the shared ones or among one person's own.
    rank BIGINT NOT NULL
);
CREATE INDEX views_by_agent ON views (agent_id);
