-- Identity: who people are, what they are entitled to, and who is signed in.
--
-- Every policy reads the settings that kit/database.ts writes in each transaction. A setting that is missing or empty is
-- NULL here, and NULL denies. The task 'session' is the room itself while it opens, resolves or closes a session; it is
-- bound to one municipality by the same setting as a viewer is.
--
-- Nothing in this room depends on which cases exist: no key, count or order here can tell of a shielded one.

-- Names are searched and sorted without regard to case. lower() follows the database's locale and leaves æøå alone in
-- "C"; this does the same on every server, which a stored column and a cursor depend on.
CREATE FUNCTION folded(given text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN translate(lower(given COLLATE "C"), 'ÆØÅÄÖÜÉÈÁÀÓÒÍÌÚÙÝÐÞÑÇËÊÂÔÛÎ', 'æøåäöüéèáàóòíìúùýðþñçëêâôûî');

-- Reference data, the same for every municipality: readable by whoever is signed in.
CREATE TABLE municipality (
  municipality text PRIMARY KEY CHECK (municipality ~ '^\d{4}$'),
  name text NOT NULL
);
ALTER TABLE municipality ENABLE ROW LEVEL SECURITY;
ALTER TABLE municipality FORCE ROW LEVEL SECURITY;
CREATE POLICY anyone_signed_in ON municipality FOR SELECT TO :room
  USING ((SELECT nullif(current_setting('sluse.municipality', true), '')) IS NOT NULL);
GRANT SELECT ON municipality TO :room;

-- Units are named to everybody in the municipality, citizens too: a citizen may know which unit looked, though not who.
CREATE TABLE organisation (
  municipality text NOT NULL,
  id uuid NOT NULL,
  cvr text NOT NULL CHECK (cvr ~ '^\d{8}$'),
  p_number text CHECK (p_number ~ '^\d{10}$'),
  name text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('MUNICIPALITY', 'DEPARTMENT', 'TREATMENT_CENTRE', 'VENDOR')),
  -- The municipality that the organisation is part of; NULL for one that belongs to none.
  part_of text,
  PRIMARY KEY (municipality, id)
);
ALTER TABLE organisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE organisation FORCE ROW LEVEL SECURITY;
CREATE POLICY anyone_of_the_municipality ON organisation FOR SELECT TO :room
  USING (municipality = (SELECT nullif(current_setting('sluse.municipality', true), '')));
GRANT SELECT ON organisation TO :room;

-- Employees with citizen:read find citizens of their own municipality. citizen:reference opens the same rows, because a
-- delegated reporter must see whom a form is about; searching is refused to it by type. A citizen is there for oneself only.
CREATE TABLE citizen (
  municipality text NOT NULL,
  id uuid NOT NULL,
  cpr text NOT NULL CHECK (cpr ~ '^\d{10}$'),
  name text NOT NULL,
  name_folded text COLLATE "C" NOT NULL GENERATED ALWAYS AS (folded(name)) STORED,
  born_on date NOT NULL,
  street text NOT NULL,
  postcode text NOT NULL,
  city text NOT NULL,
  PRIMARY KEY (municipality, id),
  UNIQUE (municipality, cpr)
);
CREATE INDEX citizen_by_name ON citizen (municipality, name_folded, id);
CREATE INDEX citizen_by_birth ON citizen (municipality, born_on, id);
ALTER TABLE citizen ENABLE ROW LEVEL SECURITY;
ALTER TABLE citizen FORCE ROW LEVEL SECURITY;
CREATE POLICY those_who_may_know_citizens ON citizen FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['citizen:read', 'citizen:reference']
  );
CREATE POLICY oneself ON citizen FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
    AND id::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
CREATE POLICY signing_in ON citizen FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT ON citizen TO :room;

-- Whose relative is whose is more than a reference needs: citizen:read, or one's own. Who the relative is, the citizen
-- table decides.
CREATE TABLE relation (
  municipality text NOT NULL,
  citizen uuid NOT NULL,
  relative uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('PARENT', 'CHILD', 'SPOUSE')),
  PRIMARY KEY (municipality, citizen, relative, kind),
  FOREIGN KEY (municipality, citizen) REFERENCES citizen,
  FOREIGN KEY (municipality, relative) REFERENCES citizen
);
ALTER TABLE relation ENABLE ROW LEVEL SECURITY;
ALTER TABLE relation FORCE ROW LEVEL SECURITY;
CREATE POLICY those_who_may_read_citizens ON relation FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['citizen:read']
  );
CREATE POLICY ones_own ON relation FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
    AND citizen::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
GRANT SELECT ON relation TO :room;

-- Colleagues know each other; a citizen is not told who looked (Datatilsynet 2024-32-0283), so has no way to a name here.
CREATE TABLE employee (
  municipality text NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  name_folded text COLLATE "C" NOT NULL GENERATED ALWAYS AS (folded(name)) STORED,
  organisation uuid NOT NULL,
  PRIMARY KEY (municipality, id),
  FOREIGN KEY (municipality, organisation) REFERENCES organisation
);
CREATE INDEX employee_by_name ON employee (municipality, name_folded, id);
ALTER TABLE employee ENABLE ROW LEVEL SECURITY;
ALTER TABLE employee FORCE ROW LEVEL SECURITY;
CREATE POLICY colleagues ON employee FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['employee:read']
  );
CREATE POLICY oneself ON employee FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND id::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
CREATE POLICY signing_in ON employee FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT ON employee TO :room;

-- Which rights an employee holds, and where. Seen with the employee; changed by nobody through this room's role.
CREATE TABLE right_assignment (
  municipality text NOT NULL,
  employee uuid NOT NULL,
  code text NOT NULL CHECK (code IN (
    'SMDB_REPORTER', 'SMDB_LEADER', 'SMDB_HEALTH', 'SMDB_DELEGATED_REPORTER', 'SMDB_DELEGATED_HEALTH',
    'SMDB_ADMINISTRATOR', 'CITIZEN_SERVICE', 'CASEWORKER', 'MANAGER', 'SECURITY_OFFICER', 'ADMINISTRATOR')),
  organisation uuid NOT NULL,
  source text NOT NULL CHECK (source IN ('NEMLOGIN', 'LOCAL')),
  -- The right held longest is the one that a new session acts in.
  assigned_at timestamptz NOT NULL,
  PRIMARY KEY (municipality, employee, code, organisation),
  FOREIGN KEY (municipality, employee) REFERENCES employee,
  FOREIGN KEY (municipality, organisation) REFERENCES organisation
);
ALTER TABLE right_assignment ENABLE ROW LEVEL SECURITY;
ALTER TABLE right_assignment FORCE ROW LEVEL SECURITY;
CREATE POLICY colleagues ON right_assignment FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['employee:read']
  );
CREATE POLICY ones_own ON right_assignment FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND employee::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
CREATE POLICY signing_in ON right_assignment FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT ON right_assignment TO :room;

-- Case systems. Named to colleagues as employees are; what one may do stands in its own row.
CREATE TABLE system_client (
  municipality text NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  organisation uuid NOT NULL,
  scopes text[] NOT NULL,
  PRIMARY KEY (municipality, id),
  FOREIGN KEY (municipality, organisation) REFERENCES organisation
);
ALTER TABLE system_client ENABLE ROW LEVEL SECURITY;
ALTER TABLE system_client FORCE ROW LEVEL SECURITY;
CREATE POLICY colleagues ON system_client FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['employee:read']
  );
CREATE POLICY oneself ON system_client FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'SystemClient'
    AND id::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
CREATE POLICY signing_in ON system_client FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT ON system_client TO :room;

-- Who is cleared for which compartment. Read only while a session is resolved: that somebody is cleared for a single case
-- tells that the case exists, so no viewer's transaction reads this table.
CREATE TABLE clearance_grant (
  municipality text NOT NULL,
  id uuid NOT NULL,
  -- An employee or a system client.
  holder uuid NOT NULL,
  compartment text NOT NULL,
  level text NOT NULL CHECK (level IN ('EXISTENCE', 'METADATA', 'DOCUMENTS')),
  operations text[] NOT NULL CHECK (operations <@ ARRAY['SEARCH', 'ENTER', 'DELETE']),
  shielded boolean NOT NULL,
  reason text NOT NULL,
  status text NOT NULL CHECK (status IN
    ('REQUESTED', 'IN_FORCE', 'WAITING_FOR_COURSE', 'REFUSED', 'WITHDRAWN', 'LAPSED')),
  requested_by uuid NOT NULL,
  decided_by uuid,
  valid_from timestamptz NOT NULL,
  -- Half-yearly: not confirmed by then, the grant lapses by itself.
  confirm_by timestamptz NOT NULL,
  PRIMARY KEY (municipality, id)
);
CREATE INDEX clearance_grant_by_holder ON clearance_grant (municipality, holder);
ALTER TABLE clearance_grant ENABLE ROW LEVEL SECURITY;
ALTER TABLE clearance_grant FORCE ROW LEVEL SECURITY;
CREATE POLICY signing_in ON clearance_grant FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT ON clearance_grant TO :room;

-- Who is signed in. Of the token only its SHA-256 is kept, so that a copy of this table signs nobody in. The task finds a
-- session by its token before it knows the municipality; a viewer reaches one's own rows only.
CREATE TABLE session (
  municipality text NOT NULL,
  id uuid NOT NULL,
  token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
  person_kind text NOT NULL CHECK (person_kind IN ('Citizen', 'Employee', 'SystemClient')),
  person uuid NOT NULL,
  right_code text,
  assurance text NOT NULL CHECK (assurance IN ('Low', 'Substantial', 'High')),
  authenticated_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  closed_at timestamptz,
  PRIMARY KEY (municipality, id)
);
CREATE INDEX session_by_token ON session (token_hash);
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE session FORCE ROW LEVEL SECURITY;
CREATE POLICY signing_in ON session TO :room
  USING ((SELECT nullif(current_setting('sluse.task', true), '')) = 'session')
  WITH CHECK (
    (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
    AND municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  );
CREATE POLICY ones_own ON session FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND person_kind = (SELECT nullif(current_setting('sluse.person_kind', true), ''))
    AND person::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
CREATE POLICY ones_own_to_change ON session FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND person_kind = (SELECT nullif(current_setting('sluse.person_kind', true), ''))
    AND person::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
-- Whose session it is, and how long it may live, can never be changed.
GRANT SELECT, INSERT, UPDATE (right_code, last_used_at, closed_at) ON session TO :room;

-- Who was told that look-ups are logged, and when; kept as a history that an inspection may ask for.
CREATE TABLE notice_acknowledgement (
  municipality text NOT NULL,
  employee uuid NOT NULL,
  acknowledged_at timestamptz NOT NULL,
  PRIMARY KEY (municipality, employee, acknowledged_at)
);
ALTER TABLE notice_acknowledgement ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_acknowledgement FORCE ROW LEVEL SECURITY;
CREATE POLICY ones_own ON notice_acknowledgement TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND employee::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
GRANT SELECT, INSERT ON notice_acknowledgement TO :room;
