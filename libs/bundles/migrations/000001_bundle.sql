-- Bundles by content digest, as canonical JSON text: what a version is made of, beside the log that speaks of it.
create table bundles.bundle (
  digest text primary key,
  content text not null,
  stored_at timestamptz not null default now()
);
