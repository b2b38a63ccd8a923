-- What a secret is for. A service opens those that are for what it does, one at a time, by reference and owner: a function
-- for each purpose is all that it may execute, and the table itself it cannot read. What was sealed before is all database
-- URLs of targets.
alter table secrets.secret
  add column purpose text not null default 'target_database' check (purpose in ('target_database', 'external_gate'));
alter table secrets.secret alter column purpose drop default;

create function secrets.open_target_database(wanted_ref text, wanted_owner text)
  returns table (key_id text, wrapped_key bytea, sealed bytea)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select s.key_id, s.wrapped_key, s.sealed from secrets.secret s
     where s.ref = wanted_ref and s.owner_id = wanted_owner and s.purpose = 'target_database'
  $$;
revoke all on function secrets.open_target_database from public;

create function secrets.open_external_gate(wanted_ref text, wanted_owner text)
  returns table (key_id text, wrapped_key bytea, sealed bytea)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select s.key_id, s.wrapped_key, s.sealed from secrets.secret s
     where s.ref = wanted_ref and s.owner_id = wanted_owner and s.purpose = 'external_gate'
  $$;
revoke all on function secrets.open_external_gate from public;

-- Services were allowed to read the whole table. What each needs now is granted anew after the migrations.
do $$
declare
  reader name;
begin
  for reader in
    select distinct r.rolname
      from pg_catalog.pg_class c
     cross join lateral pg_catalog.aclexplode(c.relacl) a
      join pg_catalog.pg_roles r on r.oid = a.grantee
     where c.oid = 'secrets.secret'::regclass and a.grantee <> c.relowner
  loop
    execute pg_catalog.format('revoke all on secrets.secret from %I', reader);
  end loop;
end
$$;
