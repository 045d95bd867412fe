-- The register that a municipality imports: units with parent and manager, protection of name and address, and who has left.
-- Nothing is deleted when somebody leaves: cases and the log go on naming them.

-- ── Organisations and units ────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE organisation
  -- Whether the import keeps it. Only such a row can be missing from a full file.
  ADD COLUMN registered boolean NOT NULL DEFAULT false,
  -- The municipality's own code of a unit; NULL for an organisation as a whole.
  ADD COLUMN code text CHECK (length(code) BETWEEN 1 AND 100),
  ADD COLUMN parent uuid,
  ADD COLUMN manager uuid,
  ADD COLUMN left_at timestamptz,
  ADD FOREIGN KEY (municipality, parent) REFERENCES organisation,
  ADD FOREIGN KEY (municipality, manager) REFERENCES employee,
  ADD CHECK (parent <> id);
CREATE UNIQUE INDEX organisation_by_code ON organisation (municipality, code) WHERE code IS NOT NULL;
CREATE UNIQUE INDEX organisation_by_cvr ON organisation (municipality, cvr) WHERE registered AND code IS NULL;

-- Which unit is the secretariat of which authority (Datasikkerhed i borgerservicecentre §1.1, §3.4).
CREATE TABLE secretariat (
  municipality text NOT NULL,
  authority text NOT NULL CHECK (authority IN (
    'CHILDREN_AND_YOUTH_COMMITTEE', 'MARRIAGE_AUTHORITY', 'FOLKEOPLYSNING_COMMITTEE', 'LICENSING_BOARD', 'RENT_BOARD',
    'FENCE_INSPECTION')),
  unit uuid NOT NULL,
  PRIMARY KEY (municipality, authority, unit),
  FOREIGN KEY (municipality, unit) REFERENCES organisation
);
ALTER TABLE secretariat ENABLE ROW LEVEL SECURITY;
ALTER TABLE secretariat FORCE ROW LEVEL SECURITY;
CREATE POLICY colleagues ON secretariat FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['employee:read']
  );
GRANT SELECT ON secretariat TO :room;

-- ── People ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE employee
  ADD COLUMN registered boolean NOT NULL DEFAULT false,
  ADD COLUMN email text CHECK (length(email) BETWEEN 3 AND 254),
  ADD COLUMN left_at timestamptz;

ALTER TABLE citizen
  ADD COLUMN name_protected boolean NOT NULL DEFAULT false,
  ADD COLUMN address_protected boolean NOT NULL DEFAULT false,
  ADD COLUMN moved_away_on date,
  ADD COLUMN died_on date,
  ADD COLUMN left_at timestamptz;

ALTER TABLE system_client ADD COLUMN left_at timestamptz;

-- An import registers a key in nobody's name; the log says who ran it.
ALTER TABLE system_client_key ALTER COLUMN registered_by DROP NOT NULL;

-- ── Who is admitted ────────────────────────────────────────────────────────────────────────────────────────────────────

-- The room's own tasks (signing in, resolving a session, linking an account) do not see who has left: such a person is
-- nobody to them, whichever query asks. Viewers see them: a colleague's entries in the log keep their name.
CREATE POLICY not_who_left ON employee AS RESTRICTIVE FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (left_at IS NULL OR (SELECT nullif(current_setting('sluse.task', true), '')) IS NULL)
  );
CREATE POLICY not_who_left ON system_client AS RESTRICTIVE FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (left_at IS NULL OR (SELECT nullif(current_setting('sluse.task', true), '')) IS NULL)
  );
-- The register hears no more of somebody who moved away: not that they died, nor that they got another number.
CREATE POLICY not_who_left ON citizen AS RESTRICTIVE FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND ((left_at IS NULL AND moved_away_on IS NULL AND died_on IS NULL)
         OR (SELECT nullif(current_setting('sluse.task', true), '')) IS NULL)
  );
