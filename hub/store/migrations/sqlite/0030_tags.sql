-- What is kept of a tag beside the conversations that have it.
CREATE TABLE tags (
    name TEXT NOT NULL PRIMARY KEY,
    -- Empty: none.
    colour TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
