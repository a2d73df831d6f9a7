-- What a spent refresh token was answered, for whoever lost the answer on its way: one for ever,
-- and only for as long as the realm's replay_window. No row where the window is zero.
CREATE TABLE answers (
  realm TEXT NOT NULL,
  spent BLOB NOT NULL,             -- tokens.hash
  tokens BLOB NOT NULL,            -- sealed
  until INTEGER NOT NULL,
  PRIMARY KEY (realm, spent)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_by_end ON answers (until);
