-- Read models of the gateway, projected from the log and rebuilt from it at any time. Each row is one document.
--   seq    the event that began it: order of the lists and their cursor (dense, unique, never changes)
--   as_of  the last event that went into it: an event is applied once, even if a batch is applied twice

CREATE TABLE checkpoint (
  name text PRIMARY KEY,
  seq  bigint NOT NULL
);

CREATE TABLE target (
  id                text PRIMARY KEY,
  seq               bigint NOT NULL UNIQUE,
  as_of             bigint NOT NULL,
  name              text NOT NULL,
  environment       text NOT NULL,
  status            text NOT NULL,
  active_project    text,
  active_version    text,
  document          jsonb NOT NULL
);
CREATE INDEX target_by_name ON target (name);
CREATE INDEX target_by_active_version ON target (active_project, active_version);

CREATE TABLE version (
  id       text PRIMARY KEY,
  seq      bigint NOT NULL UNIQUE,
  as_of    bigint NOT NULL,
  project  text NOT NULL,
  document jsonb NOT NULL
);
CREATE INDEX version_by_project ON version (project, seq);

CREATE TABLE publish (
  id        text PRIMARY KEY,
  seq       bigint NOT NULL UNIQUE,
  as_of     bigint NOT NULL,
  target_id text NOT NULL,
  project   text NOT NULL,
  version   text NOT NULL,
  status    text NOT NULL,
  document  jsonb NOT NULL
);
-- One index for each filter and pair of filters that can match few rows among many.
CREATE INDEX publish_by_target ON publish (target_id, seq);
CREATE INDEX publish_by_version ON publish (version, project, seq);
CREATE INDEX publish_by_project ON publish (project, seq);
CREATE INDEX publish_by_status ON publish (status, seq);
CREATE INDEX publish_by_target_and_status ON publish (target_id, status, seq);
CREATE INDEX publish_by_project_and_status ON publish (project, status, seq);

CREATE TABLE approval (
  id         text PRIMARY KEY,
  seq        bigint NOT NULL UNIQUE,
  as_of      bigint NOT NULL,
  publish_id text NOT NULL,
  status     text NOT NULL,
  document   jsonb NOT NULL
);
CREATE INDEX approval_by_publish ON approval (publish_id, seq);
CREATE INDEX approval_by_status ON approval (status, seq);

CREATE TABLE backup (
  id         text PRIMARY KEY,
  seq        bigint NOT NULL UNIQUE,
  as_of      bigint NOT NULL,
  publish_id text NOT NULL,
  target_id  text NOT NULL,
  document   jsonb NOT NULL
);
CREATE INDEX backup_by_publish ON backup (publish_id, seq);
CREATE INDEX backup_by_target ON backup (target_id, seq);

CREATE TABLE notification (
  id         text PRIMARY KEY,
  seq        bigint NOT NULL UNIQUE,
  as_of      bigint NOT NULL,
  publish_id text,
  document   jsonb NOT NULL
);
CREATE INDEX notification_by_publish ON notification (publish_id, seq);

CREATE TABLE dead_letter (
  id       text PRIMARY KEY,
  seq      bigint NOT NULL UNIQUE,
  as_of    bigint NOT NULL,
  status   text NOT NULL,
  document jsonb NOT NULL
);
CREATE INDEX dead_letter_by_status ON dead_letter (status, seq);
