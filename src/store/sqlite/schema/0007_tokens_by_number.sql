-- Tokens in the order of their issue, found by an index of hashes. In the order of hashes each row
-- that a refresh spends, ends or makes stood in a page of its own, and the log takes whole pages.
-- Sweeping goes through them by number.
CREATE TABLE numbered_tokens (
  number INTEGER PRIMARY KEY,
  hash BLOB NOT NULL UNIQUE,
  family INTEGER NOT NULL,         -- families.number
  kind INTEGER NOT NULL CHECK (kind IN (0, 1)),  -- 0 access, 1 refresh
  issued INTEGER NOT NULL,
  until INTEGER NOT NULL,
  spent INTEGER,                   -- a single-use refresh token that was used
  ended INTEGER,                   -- this one was ended, its family lives on
  parent BLOB NOT NULL,            -- the refresh token that was used for it; empty: the login
  narrowed TEXT NOT NULL,          -- the rights that it keeps of its subject's; empty: all
  resource TEXT NOT NULL,          -- of its family's; '': all
  bound_to TEXT NOT NULL           -- a DPoP key; '': a bearer's
) STRICT;
INSERT INTO numbered_tokens (hash, family, kind, issued, until, spent, ended, parent, narrowed,
                             resource, bound_to)
  SELECT hash, family, kind, issued, until, spent, ended, parent, narrowed, resource, bound_to
  FROM tokens;
DROP TABLE tokens;
ALTER TABLE numbered_tokens RENAME TO tokens;
CREATE INDEX live_refresh_tokens ON tokens (family)
  WHERE kind = 1 AND spent IS NULL AND ended IS NULL;
CREATE INDEX live_access_tokens ON tokens (family) WHERE kind = 0 AND ended IS NULL;
