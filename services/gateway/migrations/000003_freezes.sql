CREATE TABLE freeze (
  id       text PRIMARY KEY,
  seq      bigint NOT NULL UNIQUE,
  as_of    bigint NOT NULL,
  document jsonb NOT NULL
);
