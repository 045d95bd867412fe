-- Cases: which there are, what they are about, who is party of them, and their documents.
--
-- The wall behind the store's own predicate. Ordinary and shielded cases lie in separate tables of the same shape. SQL for
-- a viewer without a shielded compartment names only the ordinary ones: row-level security alone was measured to tell a
-- hidden row from an absent one by 10-14 µs. The shielded tables' keys and indexes begin with the compartment, so that a
-- look-up in one compartment touches no row of another. Nothing that must be unique, and no reference, spans two of them.
--
-- Every policy reads the settings that kit/database.ts writes in each transaction; one that is missing or empty is NULL
-- here, and NULL denies. A citizen is no holder of a clearance, whatever the settings say.

-- A scan over a whole shielded table would take the longer the more cases of other compartments there are, and so would
-- the planner's choice of one: always by index. Just-in-time compilation would turn such a penalty into seconds.
ALTER ROLE :room SET enable_seqscan = off;
ALTER ROLE :room SET jit = off;

-- Titles are searched and sorted without regard to case, alike on every server: lower() follows the database's locale and
-- leaves æøå alone in "C".
CREATE FUNCTION folded(given text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN translate(lower(given COLLATE "C"), 'ÆØÅÄÖÜÉÈÁÀÓÒÍÌÚÙÝÐÞÑÇËÊÂÔÛÎ', 'æøåäöüéèáàóòíìúùýðþñçëêâôûî');

-- By class, year and then serial number, which as text would put 10 before 9.
CREATE FUNCTION number_sort_key(number text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN split_part(number, '-', 1) || '-' || split_part(number, '-', 2) || '-' || split_part(number, '-', 4)
    || '-' || lpad(split_part(number, '-', 3), 9, '0');

-- The subject of the transaction as an id that an index can look up; NULL, which matches nobody, for any other text.
CREATE FUNCTION person_id() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN current_setting('sluse.person', true) ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    THEN current_setting('sluse.person', true)::uuid END;

-- ── ordinary ──

-- Whoever is cleared for the compartment sees its cases; how much of each is masked by the store. Citizens see the cases
-- that they are party of.
CREATE TABLE ordinary_case (
  municipality text NOT NULL CHECK (municipality ~ '^\d{4}$'),
  id uuid NOT NULL,
  compartment text NOT NULL CHECK (compartment = municipality || '.' || authority || '.' || category),
  authority text NOT NULL CHECK (authority = 'MUNICIPALITY'),
  category text NOT NULL CHECK (category IN
    ('HOUSING_BENEFIT', 'CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'RELOCATION', 'CASH_BENEFIT', 'DRUG_TREATMENT')),
  number text NOT NULL CHECK (number ~ '^\d\d\.\d\d\.\d\d-[A-ZÆØÅ]\d\d-\d{1,9}-\d\d$'),
  number_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (number_sort_key(number)) STORED,
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
  -- Short enough for a cursor to carry; titles alike so far follow each other by id.
  title_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (left(folded(title), 90)) STORED,
  kle text NOT NULL CHECK (kle ~ '^\d\d\.\d\d\.\d\d$'),
  progress text NOT NULL CHECK (progress IN ('OPSTAAET', 'OPLYST', 'AFGJORT', 'BESTILT', 'UDFOERT', 'AFSLUTTET')),
  sensitivity text NOT NULL CHECK (sensitivity IN
    ('IKKE_FORTROLIGE_DATA', 'FORTROLIGE_PERSONOPLYSNINGER', 'FOELSOMME_PERSONOPLYSNINGER', 'VIP_SAGER')),
  opened_on date NOT NULL,
  closed_on date CHECK (closed_on >= opened_on),
  -- Milliseconds, as clients see it: a cursor made from what they see must find the same place again.
  changed_at timestamptz(3) NOT NULL,
  -- An employee of the identity room.
  handler uuid,
  PRIMARY KEY (municipality, id),
  UNIQUE (municipality, compartment, number)
);
CREATE INDEX ordinary_case_by_change ON ordinary_case (municipality, compartment, changed_at, id);
CREATE INDEX ordinary_case_by_opening ON ordinary_case (municipality, compartment, opened_on, id);

CREATE TABLE ordinary_party (
  municipality text NOT NULL,
  case_id uuid NOT NULL,
  citizen uuid NOT NULL,
  compartment text NOT NULL,
  role text NOT NULL CHECK (role IN ('PRIMARY', 'SECONDARY', 'CHILD', 'PARTNER', 'OTHER')),
  PRIMARY KEY (municipality, case_id, citizen),
  FOREIGN KEY (municipality, case_id) REFERENCES ordinary_case ON DELETE CASCADE
);
CREATE UNIQUE INDEX ordinary_party_primary ON ordinary_party (municipality, case_id) WHERE role = 'PRIMARY';
CREATE INDEX ordinary_party_by_citizen ON ordinary_party (municipality, citizen, case_id);

CREATE TABLE ordinary_document (
  municipality text NOT NULL,
  case_id uuid NOT NULL,
  id uuid NOT NULL,
  compartment text NOT NULL,
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
  kind text NOT NULL CHECK (kind IN ('INCOMING', 'OUTGOING', 'INTERNAL')),
  recorded_at timestamptz(3) NOT NULL,
  media_type text NOT NULL,
  text text,
  PRIMARY KEY (municipality, case_id, id),
  FOREIGN KEY (municipality, case_id) REFERENCES ordinary_case ON DELETE CASCADE
);
CREATE INDEX ordinary_document_by_time ON ordinary_document (municipality, case_id, recorded_at, id);

ALTER TABLE ordinary_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE ordinary_case FORCE ROW LEVEL SECURITY;
CREATE POLICY cleared ON ordinary_case FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.sees', true), '')::text[])::text[])
  );
-- The party table decides, under its own policy: it shows a citizen nobody's row but the own one.
CREATE POLICY ones_own ON ordinary_case FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
    AND id IN (
      SELECT party.case_id FROM ordinary_party party
      WHERE party.municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
        AND party.citizen = (SELECT person_id())
    )
  );
CREATE POLICY enters ON ordinary_case FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
CREATE POLICY changes ON ordinary_case FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
CREATE POLICY deletes ON ordinary_case FOR DELETE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.deletes', true), '')::text[])::text[])
  );
-- Where a case lies, its number and its class are fixed once it is entered.
GRANT SELECT, INSERT, DELETE, UPDATE (title, progress, sensitivity, opened_on, closed_on, changed_at, handler)
  ON ordinary_case TO :room;

ALTER TABLE ordinary_party ENABLE ROW LEVEL SECURITY;
ALTER TABLE ordinary_party FORCE ROW LEVEL SECURITY;
CREATE POLICY cleared ON ordinary_party FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.sees', true), '')::text[])::text[])
  );
-- Who else is party of one's case is not for this page to tell.
CREATE POLICY oneself ON ordinary_party FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
    AND citizen = (SELECT person_id())
  );
CREATE POLICY enters ON ordinary_party FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
-- To replace the parties of a case is to change the case, not to delete it.
CREATE POLICY changes ON ordinary_party FOR DELETE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
GRANT SELECT, INSERT, DELETE ON ordinary_party TO :room;

ALTER TABLE ordinary_document ENABLE ROW LEVEL SECURITY;
ALTER TABLE ordinary_document FORCE ROW LEVEL SECURITY;
CREATE POLICY cleared ON ordinary_document FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.sees_documents', true), '')::text[])::text[])
  );
GRANT SELECT ON ordinary_document TO :room;

-- ── shielded ──

-- That such a case exists is itself secret: sensitive by kind, of another authority, or with a code of its own. The
-- compartment leads every key. Never a policy for citizens here.
CREATE TABLE shielded_case (
  municipality text NOT NULL CHECK (municipality ~ '^\d{4}$'),
  id uuid NOT NULL,
  compartment text NOT NULL CHECK (
    (compartment = municipality || '.' || authority || '.' || category
      AND category IN ('CHILD_CONCERN', 'PLACEMENT', 'FAMILY_RESIDENCE', 'SOCIAL_FRAUD', 'SSP', 'BOARD_MATTER'))
    OR starts_with(compartment, municipality || '.CASE.')),
  authority text NOT NULL CHECK (authority IN
    ('MUNICIPALITY', 'CHILDREN_AND_YOUTH_COMMITTEE', 'MARRIAGE_AUTHORITY', 'FOLKEOPLYSNING_COMMITTEE',
     'LICENSING_BOARD', 'RENT_BOARD', 'FENCE_INSPECTION')),
  category text NOT NULL CHECK (category IN
    ('HOUSING_BENEFIT', 'CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'RELOCATION', 'CASH_BENEFIT', 'DRUG_TREATMENT',
     'CHILD_CONCERN', 'PLACEMENT', 'FAMILY_RESIDENCE', 'SOCIAL_FRAUD', 'SSP', 'BOARD_MATTER')),
  number text NOT NULL CHECK (number ~ '^\d\d\.\d\d\.\d\d-[A-ZÆØÅ]\d\d-\d{1,9}-\d\d$'),
  number_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (number_sort_key(number)) STORED,
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
  title_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (left(folded(title), 90)) STORED,
  kle text NOT NULL CHECK (kle ~ '^\d\d\.\d\d\.\d\d$'),
  progress text NOT NULL CHECK (progress IN ('OPSTAAET', 'OPLYST', 'AFGJORT', 'BESTILT', 'UDFOERT', 'AFSLUTTET')),
  sensitivity text NOT NULL CHECK (sensitivity IN
    ('IKKE_FORTROLIGE_DATA', 'FORTROLIGE_PERSONOPLYSNINGER', 'FOELSOMME_PERSONOPLYSNINGER', 'VIP_SAGER')),
  opened_on date NOT NULL,
  closed_on date CHECK (closed_on >= opened_on),
  changed_at timestamptz(3) NOT NULL,
  handler uuid,
  PRIMARY KEY (municipality, compartment, id),
  UNIQUE (municipality, compartment, number)
);
CREATE INDEX shielded_case_by_change ON shielded_case (municipality, compartment, changed_at, id);
CREATE INDEX shielded_case_by_opening ON shielded_case (municipality, compartment, opened_on, id);

CREATE TABLE shielded_party (
  municipality text NOT NULL,
  case_id uuid NOT NULL,
  citizen uuid NOT NULL,
  compartment text NOT NULL,
  role text NOT NULL CHECK (role IN ('PRIMARY', 'SECONDARY', 'CHILD', 'PARTNER', 'OTHER')),
  PRIMARY KEY (municipality, compartment, case_id, citizen),
  FOREIGN KEY (municipality, compartment, case_id) REFERENCES shielded_case ON DELETE CASCADE
);
CREATE UNIQUE INDEX shielded_party_primary ON shielded_party (municipality, compartment, case_id)
  WHERE role = 'PRIMARY';
CREATE INDEX shielded_party_by_citizen ON shielded_party (municipality, compartment, citizen, case_id);

CREATE TABLE shielded_document (
  municipality text NOT NULL,
  case_id uuid NOT NULL,
  id uuid NOT NULL,
  compartment text NOT NULL,
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
  kind text NOT NULL CHECK (kind IN ('INCOMING', 'OUTGOING', 'INTERNAL')),
  recorded_at timestamptz(3) NOT NULL,
  media_type text NOT NULL,
  text text,
  PRIMARY KEY (municipality, compartment, case_id, id),
  FOREIGN KEY (municipality, compartment, case_id) REFERENCES shielded_case ON DELETE CASCADE
);
CREATE INDEX shielded_document_by_time ON shielded_document (municipality, compartment, case_id, recorded_at, id);

ALTER TABLE shielded_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE shielded_case FORCE ROW LEVEL SECURITY;
CREATE POLICY cleared ON shielded_case FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.sees', true), '')::text[])::text[])
  );
CREATE POLICY enters ON shielded_case FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
CREATE POLICY changes ON shielded_case FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
CREATE POLICY deletes ON shielded_case FOR DELETE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.deletes', true), '')::text[])::text[])
  );
GRANT SELECT, INSERT, DELETE, UPDATE (title, progress, sensitivity, opened_on, closed_on, changed_at, handler)
  ON shielded_case TO :room;

ALTER TABLE shielded_party ENABLE ROW LEVEL SECURITY;
ALTER TABLE shielded_party FORCE ROW LEVEL SECURITY;
CREATE POLICY cleared ON shielded_party FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.sees', true), '')::text[])::text[])
  );
CREATE POLICY enters ON shielded_party FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
CREATE POLICY changes ON shielded_party FOR DELETE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
GRANT SELECT, INSERT, DELETE ON shielded_party TO :room;

ALTER TABLE shielded_document ENABLE ROW LEVEL SECURITY;
ALTER TABLE shielded_document FORCE ROW LEVEL SECURITY;
CREATE POLICY cleared ON shielded_document FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.sees_documents', true), '')::text[])::text[])
  );
GRANT SELECT ON shielded_document TO :room;

-- A case with a code of its own (Datasikkerhed i borgerservicecentre §1.1). The compartment's name tells that the case
-- exists, so it is there for those alone who hold it.
CREATE TABLE single_case_compartment (
  municipality text NOT NULL,
  id text NOT NULL CHECK (id ~ ('^' || municipality || '\.CASE\.[0-9a-f-]{36}$')),
  authority text NOT NULL,
  category text NOT NULL,
  PRIMARY KEY (municipality, id)
);
ALTER TABLE single_case_compartment ENABLE ROW LEVEL SECURITY;
ALTER TABLE single_case_compartment FORCE ROW LEVEL SECURITY;
CREATE POLICY cleared ON single_case_compartment FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND id = ANY ((SELECT nullif(current_setting('sluse.sees', true), '')::text[])::text[])
  );
GRANT SELECT ON single_case_compartment TO :room;

-- ── numbers ──

-- The last serial number given, one series per compartment: a gap, or a number that is taken, tells of no other
-- compartment. Two compartments may give out the same number.
CREATE TABLE number_series (
  municipality text NOT NULL,
  compartment text NOT NULL,
  kle text NOT NULL,
  facet text NOT NULL,
  year integer NOT NULL,
  last integer NOT NULL CHECK (last BETWEEN 1 AND 999999999),
  PRIMARY KEY (municipality, compartment, kle, facet, year)
);
ALTER TABLE number_series ENABLE ROW LEVEL SECURITY;
ALTER TABLE number_series FORCE ROW LEVEL SECURITY;
CREATE POLICY enters ON number_series TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
GRANT SELECT, INSERT, UPDATE (last) ON number_series TO :room;

-- ── both, for those whose clearance reaches shielded compartments ──

-- security_invoker: the policies above bind whoever reads through a view; without it they would bind its owner.
CREATE VIEW every_case WITH (security_invoker = true) AS
  SELECT municipality, id, compartment, authority, category, number, number_key, title, title_key, kle, progress,
         sensitivity, opened_on, closed_on, changed_at, handler FROM ordinary_case
  UNION ALL
  SELECT municipality, id, compartment, authority, category, number, number_key, title, title_key, kle, progress,
         sensitivity, opened_on, closed_on, changed_at, handler FROM shielded_case;
CREATE VIEW every_party WITH (security_invoker = true) AS
  SELECT municipality, case_id, citizen, compartment, role FROM ordinary_party
  UNION ALL
  SELECT municipality, case_id, citizen, compartment, role FROM shielded_party;
CREATE VIEW every_document WITH (security_invoker = true) AS
  SELECT municipality, case_id, id, compartment, title, kind, recorded_at, media_type, text FROM ordinary_document
  UNION ALL
  SELECT municipality, case_id, id, compartment, title, kind, recorded_at, media_type, text FROM shielded_document;
GRANT SELECT ON every_case, every_party, every_document TO :room;
