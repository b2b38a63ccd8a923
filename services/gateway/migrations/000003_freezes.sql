-- "freeze" alone is a word of PostgreSQL.
CREATE TABLE calendar_freeze (
  id       text PRIMARY KEY,
  seq      bigint NOT NULL UNIQUE,
  as_of    bigint NOT NULL,
  document jsonb NOT NULL
);
