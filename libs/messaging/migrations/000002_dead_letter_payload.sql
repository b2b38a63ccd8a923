-- The original bytes of messages that could not be handled, by digest. Insert-only; what is known about them is in the log.
CREATE TABLE messaging.dead_letter_payload (
  sha256    text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  bytes     bytea NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION messaging.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%.% is insert-only: % is refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON messaging.dead_letter_payload
  FOR EACH STATEMENT EXECUTE FUNCTION messaging.refuse_change();
