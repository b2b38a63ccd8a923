-- Who may append to which category. append_batch compares `role` with session_user.
CREATE TABLE event_store.category_owner (
  role     name NOT NULL,
  category text NOT NULL CHECK (category ~ '^[a-z][a-z0-9_]*$'),
  PRIMARY KEY (role, category)
);

-- The categories that a role may append to; null stands for all of them: the schema's owner (whose rights append_batch runs
-- with) and superusers are not bound.
CREATE FUNCTION event_store.categories_of(writer name) RETURNS text[]
LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN writer = current_user OR EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = writer AND r.rolsuper) THEN NULL
    ELSE ARRAY (SELECT o.category FROM event_store.category_owner o WHERE o.role = writer)
  END
$$;
