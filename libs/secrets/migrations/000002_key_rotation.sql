-- A rotation looks for secrets that are not under the current key yet.
create index secret_by_key on secrets.secret (key_id, ref);
