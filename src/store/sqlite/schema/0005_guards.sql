-- Why a client is disabled; when a token of a family was last issued (0: when it was created);
-- when a signing key begins to sign, stops, and is not needed any more.
ALTER TABLE clients ADD COLUMN disabled_why TEXT NOT NULL DEFAULT '';
ALTER TABLE families ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
ALTER TABLE signing_keys ADD COLUMN use_from INTEGER NOT NULL DEFAULT 0;
ALTER TABLE signing_keys ADD COLUMN retired INTEGER;
ALTER TABLE signing_keys ADD COLUMN until INTEGER NOT NULL DEFAULT 253402300799;
