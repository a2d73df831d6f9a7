-- A refresh may end the access tokens before it. An ended one leaves the index, so a family that
-- refreshes so has one row here, however long it lives.
CREATE INDEX live_access_tokens ON tokens (family) WHERE kind = 0 AND ended IS NULL;
