-- Secrets of targets, sealed in envelopes: the database alone cannot read them. Rows are never changed; a new value gets
-- a new reference, so that what an old event refers to stays what it was.
create table secrets.secret (
  ref text primary key,
  -- Bound into the envelope as additional data: a sealed value copied to another owner does not open.
  owner_id text not null,
  key_id text not null,
  wrapped_key bytea not null,
  sealed bytea not null,
  created_at timestamptz not null default now()
);
