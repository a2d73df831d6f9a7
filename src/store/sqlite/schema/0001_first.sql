-- Times are whole seconds since 1970, UTC. `until` is the first second in which a row is over.
-- Hashes are 32 bytes; nothing here can be turned back into a token. Sealed columns open only
-- with the master key, which is not in this file.

-- The directory: few rows, changed by operators.

CREATE TABLE clients (
  realm TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  secret_hash BLOB NOT NULL,       -- empty: a public client
  owner TEXT NOT NULL,             -- whose account it acts for
  redirect_uris TEXT NOT NULL,     -- a list: 20:https://a.example/cb,
  grants TEXT NOT NULL,            -- a list: 18:authorization_code,13:refresh_token,
  otp INTEGER NOT NULL CHECK (otp BETWEEN 0 AND 3),  -- 0 none, 1 sent, 2 typed, 3 push
  otp_address TEXT NOT NULL,
  totp_seed BLOB NOT NULL,         -- sealed
  partner TEXT NOT NULL,
  shared_key BLOB NOT NULL,        -- sealed
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  PRIMARY KEY (realm, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX clients_of_partner ON clients (realm, partner) WHERE partner <> '';

CREATE TABLE subjects (
  realm TEXT NOT NULL,
  login TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,     -- argon2id, PHC string
  attributes TEXT NOT NULL,        -- a list: name, value, name, value
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  disabled_why TEXT NOT NULL,
  PRIMARY KEY (realm, login),
  UNIQUE (realm, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE organizations (
  realm TEXT NOT NULL,
  id INTEGER NOT NULL,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (realm, id),
  FOREIGN KEY (realm, owner) REFERENCES subjects (realm, login)
) STRICT, WITHOUT ROWID;
CREATE INDEX organizations_of_owner ON organizations (realm, owner);

CREATE TABLE operators (
  realm TEXT NOT NULL,
  id INTEGER NOT NULL,
  organization INTEGER NOT NULL,
  name TEXT NOT NULL,
  status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),  -- 0 active, 1 inactive, 2 deleted
  PRIMARY KEY (realm, id),
  FOREIGN KEY (realm, organization) REFERENCES organizations (realm, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX operators_of_organization ON operators (realm, organization);

-- Families and their tokens: millions of rows, so they are narrow and have few indexes.

CREATE TABLE families (
  number INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: tokens may outlive their family
  id TEXT NOT NULL UNIQUE,
  realm TEXT NOT NULL,
  client TEXT NOT NULL,
  subject TEXT NOT NULL,
  operator INTEGER NOT NULL,       -- 0: not an operator's
  tier TEXT NOT NULL,
  scope TEXT NOT NULL,
  session TEXT NOT NULL,
  created INTEGER NOT NULL,
  until INTEGER NOT NULL,          -- the furthest end of its tokens: when it may be swept
  revoked INTEGER,                 -- NULL: it lives
  revoked_why TEXT NOT NULL
) STRICT;
CREATE INDEX families_of_client ON families (realm, client);
CREATE INDEX families_of_subject ON families (realm, subject);

-- Sweeping goes through the tokens in the order of their hashes, a part each time, so no index
-- on `until` is needed. A token whose family was swept is nobody's: every look-up joins the two.
CREATE TABLE tokens (
  hash BLOB PRIMARY KEY,
  family INTEGER NOT NULL,         -- families.number
  kind INTEGER NOT NULL CHECK (kind IN (0, 1)),  -- 0 access, 1 refresh
  issued INTEGER NOT NULL,
  until INTEGER NOT NULL,
  spent INTEGER,                   -- a single-use refresh token that was used
  ended INTEGER,                   -- this one was ended, its family lives on
  parent BLOB NOT NULL,            -- the refresh token that was used for it; empty: the login
  narrowed TEXT NOT NULL           -- the rights that it keeps of its subject's; empty: all
) STRICT, WITHOUT ROWID;
CREATE INDEX live_refresh_tokens ON tokens (family)
  WHERE kind = 1 AND spent IS NULL AND ended IS NULL;

-- What lives for minutes.

CREATE TABLE codes (
  realm TEXT NOT NULL,
  hash BLOB NOT NULL,
  client TEXT NOT NULL,
  subject TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  until INTEGER NOT NULL,
  spent INTEGER,
  family TEXT NOT NULL,            -- families.id, once it was spent
  PRIMARY KEY (realm, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_by_end ON codes (until);

CREATE TABLE challenges (
  number INTEGER PRIMARY KEY,
  realm TEXT NOT NULL,
  id TEXT NOT NULL,
  client TEXT NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3),   -- as clients.otp
  code_hash BLOB NOT NULL,         -- empty: a push
  created INTEGER NOT NULL,
  until INTEGER NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3), -- 0 open, 1 approved, 2 declined, 3 used
  attempts INTEGER NOT NULL,
  UNIQUE (realm, id)
) STRICT;
CREATE INDEX open_challenges ON challenges (realm, client, kind, created) WHERE state = 0;
CREATE INDEX challenges_by_end ON challenges (until);

CREATE TABLE sessions (
  realm TEXT NOT NULL,
  hash BLOB NOT NULL,
  subject TEXT NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (realm, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_subject ON sessions (realm, subject);
CREATE INDEX sessions_by_end ON sessions (until);

-- The outbox, notebooks, counters, and the authority's own signing keys.

CREATE TABLE deliveries (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  realm TEXT NOT NULL,
  client TEXT NOT NULL,
  address TEXT NOT NULL,
  text BLOB NOT NULL,              -- sealed
  transaction_id TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_of_realm ON deliveries (realm);

CREATE TABLE notes (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  realm TEXT NOT NULL,
  subject TEXT NOT NULL,
  notebook TEXT NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX notes_of_notebook ON notes (realm, subject, notebook);

CREATE TABLE counters (
  realm TEXT NOT NULL,
  name TEXT NOT NULL,
  began INTEGER NOT NULL,
  until INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (realm, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX counters_by_end ON counters (until);

CREATE TABLE marks (
  realm TEXT NOT NULL,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,          -- only ever rises
  PRIMARY KEY (realm, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_keys (
  number INTEGER PRIMARY KEY,
  realm TEXT NOT NULL,
  kid TEXT NOT NULL,
  alg TEXT NOT NULL,
  key BLOB NOT NULL,               -- sealed
  created INTEGER NOT NULL,
  UNIQUE (realm, kid)
) STRICT;
