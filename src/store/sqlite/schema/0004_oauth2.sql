-- Standard OAuth 2 and OpenID Connect. What other dialects do not say stands empty.

ALTER TABLE clients ADD COLUMN auth_method TEXT NOT NULL DEFAULT '';  -- RFC 7591; '': its secret
ALTER TABLE clients ADD COLUMN native INTEGER NOT NULL DEFAULT 0 CHECK (native IN (0, 1));
ALTER TABLE clients ADD COLUMN bound INTEGER NOT NULL DEFAULT 0 CHECK (bound IN (0, 1));
ALTER TABLE clients ADD COLUMN scopes TEXT NOT NULL DEFAULT '';       -- a list
ALTER TABLE clients ADD COLUMN resources TEXT NOT NULL DEFAULT '';    -- a list
ALTER TABLE clients ADD COLUMN jwks TEXT NOT NULL DEFAULT '';         -- public keys, JSON
ALTER TABLE clients ADD COLUMN registered INTEGER;                    -- by itself, and when

ALTER TABLE subjects ADD COLUMN otp INTEGER NOT NULL DEFAULT 0 CHECK (otp BETWEEN 0 AND 3);
ALTER TABLE subjects ADD COLUMN otp_address TEXT NOT NULL DEFAULT '';
ALTER TABLE subjects ADD COLUMN totp_seed BLOB NOT NULL DEFAULT x'';  -- sealed

ALTER TABLE families ADD COLUMN resource TEXT NOT NULL DEFAULT '';    -- URIs, spaces between
ALTER TABLE families ADD COLUMN authenticated INTEGER;                -- when the person logged in
ALTER TABLE families ADD COLUMN amr TEXT NOT NULL DEFAULT '';         -- and how: 'pwd otp'
ALTER TABLE families ADD COLUMN actors TEXT NOT NULL DEFAULT '';      -- who acts for it, JSON

ALTER TABLE tokens ADD COLUMN resource TEXT NOT NULL DEFAULT '';      -- of its family's; '': all
ALTER TABLE tokens ADD COLUMN bound_to TEXT NOT NULL DEFAULT '';      -- a DPoP key; '': a bearer's

ALTER TABLE codes ADD COLUMN redirect_given INTEGER NOT NULL DEFAULT 1
  CHECK (redirect_given IN (0, 1));
ALTER TABLE codes ADD COLUMN challenge TEXT NOT NULL DEFAULT '';      -- PKCE, S256
ALTER TABLE codes ADD COLUMN nonce TEXT NOT NULL DEFAULT '';
ALTER TABLE codes ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE codes ADD COLUMN resource TEXT NOT NULL DEFAULT '';
ALTER TABLE codes ADD COLUMN bound_to TEXT NOT NULL DEFAULT '';
ALTER TABLE codes ADD COLUMN authenticated INTEGER;
ALTER TABLE codes ADD COLUMN amr TEXT NOT NULL DEFAULT '';

ALTER TABLE sessions ADD COLUMN authenticated INTEGER;
ALTER TABLE sessions ADD COLUMN amr TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN challenge TEXT NOT NULL DEFAULT '';   -- a second step is due

ALTER TABLE deliveries ADD COLUMN subject TEXT NOT NULL DEFAULT '';   -- whose, if no client's

CREATE TABLE device_codes (
  realm TEXT NOT NULL,
  hash BLOB NOT NULL,
  user_hash BLOB NOT NULL,         -- of what the person types
  client TEXT NOT NULL,
  scope TEXT NOT NULL,
  resource TEXT NOT NULL,
  until INTEGER NOT NULL,
  poll INTEGER NOT NULL,           -- seconds between two polls
  polled INTEGER,                  -- the last one
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3), -- 0 open, 1 approved, 2 declined, 3 used
  subject TEXT NOT NULL,           -- who approved it
  authenticated INTEGER,
  amr TEXT NOT NULL,
  family TEXT NOT NULL,            -- families.id, once it was used
  PRIMARY KEY (realm, hash),
  UNIQUE (realm, user_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_codes_by_end ON device_codes (until);

CREATE TABLE pushed_requests (
  realm TEXT NOT NULL,
  hash BLOB NOT NULL,
  client TEXT NOT NULL,
  request TEXT NOT NULL,
  until INTEGER NOT NULL,
  spent INTEGER,
  PRIMARY KEY (realm, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX pushed_requests_by_end ON pushed_requests (until);

-- The "jti" of signed statements, hashed with what they were for: each is good once.
CREATE TABLE used_ids (
  realm TEXT NOT NULL,
  id BLOB NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (realm, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX used_ids_by_end ON used_ids (until);
