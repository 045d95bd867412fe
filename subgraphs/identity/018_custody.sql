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

-- ── Custody ────────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Whether the parent holds custody of the child (forældremyndighed), on both rows of the relation.
ALTER TABLE relation ADD COLUMN custody boolean NOT NULL DEFAULT false CHECK (NOT custody OR kind <> 'SPOUSE');

-- The first moment of the fifteenth birthday. For somebody born on 29 February that is 28 February: the earlier day shows less.
CREATE FUNCTION fifteen_at(born_on date) RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN (born_on + interval '15 years') AT TIME ZONE 'Europe/Copenhagen';

-- Whose children are whose is asked while a session is resolved: it is part of the viewer.
CREATE POLICY signing_in ON relation FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
-- Asked again here, so that custody that was withdrawn is gone whatever an older token says.
CREATE POLICY ones_children ON citizen FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
    AND id = ANY ((SELECT nullif(current_setting('sluse.children', true), '')::uuid[])::uuid[])
    AND id IN (
      SELECT held.relative FROM relation held
      WHERE held.municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
        AND held.citizen::text = (SELECT nullif(current_setting('sluse.person', true), ''))
        AND held.kind = 'CHILD' AND held.custody
    )
  );

-- Of relations without custody nobody is told: an import writes many.
CREATE FUNCTION custody_changed() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  told record;
BEGIN
  FOR told IN
    SELECT municipality, array_agg(DISTINCT citizen) AS persons FROM changed WHERE custody AND kind = 'CHILD' GROUP BY municipality
  LOOP
    PERFORM tell_access_change(told.municipality, told.persons);
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER told_after_insert AFTER INSERT ON relation
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION custody_changed();
CREATE TRIGGER told_of_withdrawal AFTER UPDATE ON relation
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION custody_changed();
CREATE TRIGGER told_of_custody AFTER UPDATE ON relation
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION custody_changed();
CREATE TRIGGER told_after_delete AFTER DELETE ON relation
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION custody_changed();
