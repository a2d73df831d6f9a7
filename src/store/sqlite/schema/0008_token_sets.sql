-- What was issued together is one row: an access token and the refresh token beside it, or one of
-- them alone. A refresh then changes one row, makes one, and keeps one index of what lives.
CREATE TABLE token_sets (
  number INTEGER PRIMARY KEY,
  family INTEGER NOT NULL,         -- families.number
  issued INTEGER NOT NULL,
  parent BLOB NOT NULL,            -- the refresh token that was used for it; empty: the login
  narrowed TEXT NOT NULL,          -- the access token's (the only one's): what it keeps of its
                                   -- subject's rights; empty: all
  resource TEXT NOT NULL,          -- and of its family's; empty: all
  access BLOB,                     -- its hash; NULL: there is none, or it is over and was swept
  access_until INTEGER NOT NULL,   -- 0 where there is none
  access_ended INTEGER,            -- this one was ended, its family lives on
  access_bound_to TEXT NOT NULL,   -- a DPoP key; empty: a bearer's
  refresh BLOB,
  refresh_until INTEGER NOT NULL,
  refresh_ended INTEGER,
  refresh_bound_to TEXT NOT NULL,
  spent INTEGER,                   -- when its single-use refresh token was used
  live INTEGER NOT NULL AS ((access IS NOT NULL AND access_ended IS NULL)
    OR (refresh IS NOT NULL AND refresh_ended IS NULL AND spent IS NULL)) VIRTUAL
) STRICT;
INSERT INTO token_sets (number, family, issued, parent, narrowed, resource, access, access_until,
                        access_ended, access_bound_to, refresh, refresh_until, refresh_ended,
                        refresh_bound_to, spent)
  SELECT number, family, issued, parent, narrowed, resource,
         iif(kind = 0, hash, NULL), iif(kind = 0, until, 0), iif(kind = 0, ended, NULL),
         iif(kind = 0, bound_to, ''),
         iif(kind = 1, hash, NULL), iif(kind = 1, until, 0), iif(kind = 1, ended, NULL),
         iif(kind = 1, bound_to, ''), spent
  FROM tokens;
DROP TABLE tokens;
CREATE UNIQUE INDEX access_tokens ON token_sets (access) WHERE access IS NOT NULL;
CREATE UNIQUE INDEX refresh_tokens ON token_sets (refresh) WHERE refresh IS NOT NULL;
CREATE INDEX live_token_sets ON token_sets (family) WHERE live;
