-- Which families were made from which, by an exchange of tokens: the end of the parent is the end of
-- the child. Both are families.id; `until` is the end of the child's last token.
CREATE TABLE descents (
  parent TEXT NOT NULL,
  child TEXT NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (parent, child)
) STRICT, WITHOUT ROWID;
CREATE INDEX descents_by_end ON descents (until);
