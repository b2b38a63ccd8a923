-- Who may append to which category. append_batch compares `role` with session_user.
CREATE TABLE event_store.category_owner (
  role     name NOT NULL,
  category text NOT NULL CHECK (category ~ '^[a-z][a-z0-9_]*$'),
  PRIMARY KEY (role, category)
);

-- The schema's owner (whose rights append_batch runs with) and superusers may append to every category.
CREATE FUNCTION event_store.may_append(writer name, stream_category text) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM event_store.category_owner o WHERE o.category = stream_category AND o.role = writer)
      OR writer = current_user
      OR EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = writer AND r.rolsuper)
$$;
