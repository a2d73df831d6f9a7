-- A token whose text says its row's number is found by that; only the others stand in the indexes
-- of hashes.
ALTER TABLE token_sets ADD COLUMN said INTEGER NOT NULL DEFAULT 0;  -- 1: by its access token; 2: by
                                                                    -- its refresh token; 3: by both
DROP INDEX access_tokens;
DROP INDEX refresh_tokens;
CREATE UNIQUE INDEX access_tokens ON token_sets (access)
  WHERE access IS NOT NULL AND said & 1 = 0;
CREATE UNIQUE INDEX refresh_tokens ON token_sets (refresh)
  WHERE refresh IS NOT NULL AND said & 2 = 0;
