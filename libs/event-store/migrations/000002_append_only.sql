-- Refuses changes for everybody, the owner and superusers included. Application roles lack the privilege as well.
CREATE FUNCTION event_store.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%.% is append-only: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_store.event
  FOR EACH STATEMENT EXECUTE FUNCTION event_store.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_store.seal
  FOR EACH STATEMENT EXECUTE FUNCTION event_store.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_store.restoration
  FOR EACH STATEMENT EXECUTE FUNCTION event_store.refuse_change();

-- ALWAYS: session_replication_role = replica does not switch them off.
ALTER TABLE event_store.event ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE event_store.seal ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE event_store.restoration ENABLE ALWAYS TRIGGER append_only;
