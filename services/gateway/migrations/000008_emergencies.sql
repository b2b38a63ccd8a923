CREATE TABLE emergency (
  id       text PRIMARY KEY,
  seq      bigint NOT NULL UNIQUE,
  as_of    bigint NOT NULL,
  document jsonb NOT NULL
);

CREATE TABLE review (
  id       text PRIMARY KEY,
  seq      bigint NOT NULL UNIQUE,
  as_of    bigint NOT NULL,
  status   text NOT NULL,
  document jsonb NOT NULL
);
CREATE INDEX review_by_status ON review (status, seq);
