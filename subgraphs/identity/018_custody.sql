-- Only what the task needs: protected names and addresses, and children under a parent's custody.

-- ── The right to look up protected addresses ───────────────────────────────────────────────────────────────────────────

ALTER TABLE right_assignment DROP CONSTRAINT right_assignment_code_check;
ALTER TABLE right_assignment ADD CONSTRAINT right_assignment_code_check CHECK (code IN (
  'SMDB_REPORTER', 'SMDB_LEADER', 'SMDB_HEALTH', 'SMDB_DELEGATED_REPORTER', 'SMDB_DELEGATED_HEALTH',
  'SMDB_ADMINISTRATOR', 'CITIZEN_SERVICE', 'CASEWORKER', 'MANAGER', 'SECURITY_OFFICER', 'ADMINISTRATOR',
  'PROTECTED_ADDRESS'));

-- Row-level security decides which citizens there are. These two say which columns of a protected one are shown beside one's own;
-- people/store.ts asks them, once a statement. A setting that is missing is NULL here, and NULL shows nothing.
CREATE FUNCTION sees_protected_addresses() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('sluse.scopes', true), '')::text[] && ARRAY['citizen:protected-address'];

-- Protection of a name is against private parties (navnebeskyttelse): another company's employees and systems, and other citizens.
CREATE FUNCTION sees_protected_names() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT sees_protected_addresses()
      OR (nullif(current_setting('sluse.person_kind', true), '') IN ('Employee', 'SystemClient')
          AND EXISTS (
            SELECT FROM organisation own
             WHERE own.municipality = nullif(current_setting('sluse.municipality', true), '')
               AND own.id::text = nullif(current_setting('sluse.organisation', true), '')
               AND own.part_of = own.municipality))
$$;
