-- The log of who looked at what (sikkerhedsbekendtgørelsen §19). Written once, in one transaction per flush; never changed.
--
-- Two storages. An entry whose operation searched a shielded compartment tells by its mere presence that there was
-- something to look for, so it lies in `sealed_*`, which a reader without shielded clearance never names (row-level
-- security alone can be told apart by the clock). Row-level security stands behind that as the second wall. Nothing spans
-- the two: no constraint, no sequence, no shared row.
--
-- Ids of persons, cases and organisations belong to other rooms and are text here: whatever an answer disclosed must be
-- loggable, also an id that its owner never made. Every filter is a plain comparison of uuid, text or time, because under
-- row-level security only leakproof operators may use an index (`@>` on an array may not).

-- ── ordinary entries ──────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE entry (
  municipality   text NOT NULL,
  id             uuid NOT NULL,
  at             timestamptz(3) NOT NULL,
  session        text,
  actor_kind     text CHECK (actor_kind IN ('Citizen', 'Employee', 'SystemClient')),
  actor_id       text,
  subject_kind   text CHECK (subject_kind IN ('Citizen', 'Employee', 'SystemClient')),
  subject_id     text,
  organisation   text,
  acting_right   text,
  use            text NOT NULL CHECK (use IN ('SEARCH', 'READ', 'ENTER', 'CHANGE', 'DELETE', 'EXTRACT')),
  outcome        text NOT NULL CHECK (outcome IN ('ANSWERED', 'PARTLY_DENIED', 'DENIED', 'FAILED')),
  operation_hash text NOT NULL,
  operation_name text,
  -- Kept once, in `operation`.
  operation_text text CHECK (operation_text IS NULL),
  fields         text[] NOT NULL,
  citizens       text[] NOT NULL,
  cases          text[] NOT NULL,
  -- JSON, but not `json`: the database must not be able to refuse what a caller sent (depth, escapes).
  criterion      text,
  faults         text[] NOT NULL,
  purpose        text,
  workstation    text,
  transaction_id text,
  -- A sealed entry that strays into the ordinary storage is refused rather than shown.
  sealed_by      text[] NOT NULL CHECK (sealed_by = '{}'),
  PRIMARY KEY (municipality, id)
);
CREATE INDEX entry_newest ON entry (municipality, at, id);
CREATE INDEX entry_by_actor ON entry (municipality, actor_id, at, id);
CREATE INDEX entry_rejected ON entry (municipality, at, id) WHERE outcome IN ('DENIED', 'FAILED');

ALTER TABLE entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry FORCE ROW LEVEL SECURITY;
-- The security officer's scope, in the officer's own municipality.
CREATE POLICY reader ON entry FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
);
-- Only the room itself appends, and no viewer is set while it does. No UPDATE, no DELETE: not granted, no policy.
CREATE POLICY append ON entry FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON entry TO :room;

-- Whom ordinary entries are about: finds a citizen's entries whatever the size of the log, and is all that the citizen's
-- own view reads. Filled by trigger, so that it cannot fall behind the log.
CREATE TABLE entry_citizen (
  municipality text NOT NULL,
  citizen      text NOT NULL,
  at           timestamptz(3) NOT NULL,
  entry        uuid NOT NULL,
  organisation text,
  use          text NOT NULL,
  purpose      text,
  -- Whether the citizen's own view has it: something was disclosed, and to somebody else. A failed operation that names
  -- a citizen did disclose: otherwise one failing field beside a look-up would keep the look-up from the citizen.
  shown        boolean NOT NULL,
  PRIMARY KEY (municipality, citizen, at, entry)
);
ALTER TABLE entry_citizen ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_citizen FORCE ROW LEVEL SECURITY;
-- The security officer; or the citizen, of whom it tells, those rows that are meant to be told.
CREATE POLICY reader ON entry_citizen FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
    OR (
      shown
      AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
      AND citizen = (SELECT nullif(current_setting('sluse.person', true), ''))
    )
  )
);
CREATE POLICY append ON entry_citizen FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON entry_citizen TO :room;

CREATE TABLE entry_case (
  municipality text NOT NULL,
  case_id      text NOT NULL,
  at           timestamptz(3) NOT NULL,
  entry        uuid NOT NULL,
  PRIMARY KEY (municipality, case_id, at, entry)
);
ALTER TABLE entry_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_case FORCE ROW LEVEL SECURITY;
-- As for `entry`.
CREATE POLICY reader ON entry_case FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
);
CREATE POLICY append ON entry_case FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON entry_case TO :room;

-- `appended` holds the rows that were really inserted: an id appended twice adds nothing here either.
CREATE FUNCTION project_entry() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO entry_citizen (municipality, citizen, at, entry, organisation, use, purpose, shown)
  SELECT DISTINCT e.municipality, about.citizen, e.at, e.id, e.organisation, e.use, e.purpose,
         e.outcome <> 'DENIED'
         AND (e.actor_kind IS DISTINCT FROM 'Citizen' OR e.actor_id IS DISTINCT FROM about.citizen)
  FROM appended e, unnest(e.citizens) AS about (citizen);
  INSERT INTO entry_case (municipality, case_id, at, entry)
  SELECT DISTINCT e.municipality, about.case_id, e.at, e.id FROM appended e, unnest(e.cases) AS about (case_id);
  RETURN NULL;
END $$;
CREATE TRIGGER project AFTER INSERT ON entry REFERENCING NEW TABLE AS appended
  FOR EACH STATEMENT EXECUTE FUNCTION project_entry();

-- The text of an operation, once: the log must stay understandable when the client that sent it is long gone. Of ordinary
-- entries only; a text first sent in a sealed operation must not turn up at an ordinary entry that came without one.
CREATE TABLE operation (
  municipality text NOT NULL,
  hash         text NOT NULL,
  text         text NOT NULL,
  PRIMARY KEY (municipality, hash)
);
ALTER TABLE operation ENABLE ROW LEVEL SECURITY;
ALTER TABLE operation FORCE ROW LEVEL SECURITY;
-- As for `entry`.
CREATE POLICY reader ON operation FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
);
CREATE POLICY append ON operation FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON operation TO :room;

-- ── sealed entries: operations that searched a shielded compartment ───────────────────────────────────────────

-- The columns of `entry`, in the same order.
CREATE TABLE sealed_entry (
  municipality   text NOT NULL,
  id             uuid NOT NULL,
  at             timestamptz(3) NOT NULL,
  session        text,
  actor_kind     text CHECK (actor_kind IN ('Citizen', 'Employee', 'SystemClient')),
  actor_id       text,
  subject_kind   text CHECK (subject_kind IN ('Citizen', 'Employee', 'SystemClient')),
  subject_id     text,
  organisation   text,
  acting_right   text,
  use            text NOT NULL CHECK (use IN ('SEARCH', 'READ', 'ENTER', 'CHANGE', 'DELETE', 'EXTRACT')),
  outcome        text NOT NULL CHECK (outcome IN ('ANSWERED', 'PARTLY_DENIED', 'DENIED', 'FAILED')),
  operation_hash text NOT NULL,
  operation_name text,
  -- With the entry itself: a text kept once would be shared across seals.
  operation_text text,
  fields         text[] NOT NULL,
  citizens       text[] NOT NULL,
  cases          text[] NOT NULL,
  criterion      text,
  faults         text[] NOT NULL,
  purpose        text,
  workstation    text,
  transaction_id text,
  sealed_by      text[] NOT NULL CHECK (sealed_by <> '{}'),
  PRIMARY KEY (municipality, id)
);
CREATE INDEX sealed_entry_newest ON sealed_entry (municipality, at, id);
CREATE INDEX sealed_entry_by_actor ON sealed_entry (municipality, actor_id, at, id);
CREATE INDEX sealed_entry_rejected ON sealed_entry (municipality, at, id) WHERE outcome IN ('DENIED', 'FAILED');

ALTER TABLE sealed_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_entry FORCE ROW LEVEL SECURITY;
-- Cleared for every compartment that was searched; one too few, and the entry would tell of the one that is missing.
CREATE POLICY reader ON sealed_entry FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
  AND sealed_by <@ (SELECT nullif(current_setting('sluse.sees', true), '')::text[])
);
CREATE POLICY append ON sealed_entry FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON sealed_entry TO :room;

-- Finds sealed entries by citizen. The citizen's own view never reads it, for nobody.
CREATE TABLE sealed_entry_citizen (
  municipality text NOT NULL,
  citizen      text NOT NULL,
  at           timestamptz(3) NOT NULL,
  entry        uuid NOT NULL,
  sealed_by    text[] NOT NULL CHECK (sealed_by <> '{}'),
  PRIMARY KEY (municipality, citizen, at, entry)
);
ALTER TABLE sealed_entry_citizen ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_entry_citizen FORCE ROW LEVEL SECURITY;
-- As for `sealed_entry`; not the citizen.
CREATE POLICY reader ON sealed_entry_citizen FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
  AND sealed_by <@ (SELECT nullif(current_setting('sluse.sees', true), '')::text[])
);
CREATE POLICY append ON sealed_entry_citizen FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON sealed_entry_citizen TO :room;

CREATE TABLE sealed_entry_case (
  municipality text NOT NULL,
  case_id      text NOT NULL,
  at           timestamptz(3) NOT NULL,
  entry        uuid NOT NULL,
  sealed_by    text[] NOT NULL CHECK (sealed_by <> '{}'),
  PRIMARY KEY (municipality, case_id, at, entry)
);
ALTER TABLE sealed_entry_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_entry_case FORCE ROW LEVEL SECURITY;
-- As for `sealed_entry`.
CREATE POLICY reader ON sealed_entry_case FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
  AND sealed_by <@ (SELECT nullif(current_setting('sluse.sees', true), '')::text[])
);
CREATE POLICY append ON sealed_entry_case FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON sealed_entry_case TO :room;

CREATE FUNCTION project_sealed_entry() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO sealed_entry_citizen (municipality, citizen, at, entry, sealed_by)
  SELECT DISTINCT e.municipality, about.citizen, e.at, e.id, e.sealed_by
  FROM appended e, unnest(e.citizens) AS about (citizen);
  INSERT INTO sealed_entry_case (municipality, case_id, at, entry, sealed_by)
  SELECT DISTINCT e.municipality, about.case_id, e.at, e.id, e.sealed_by
  FROM appended e, unnest(e.cases) AS about (case_id);
  RETURN NULL;
END $$;
CREATE TRIGGER project AFTER INSERT ON sealed_entry REFERENCING NEW TABLE AS appended
  FOR EACH STATEMENT EXECUTE FUNCTION project_sealed_entry();

-- ── both, for readers with shielded clearance ─────────────────────────────────────────────────────────────────
-- security_invoker: the policies above are those of the one who reads, not of the owner of the view.

CREATE VIEW every_entry WITH (security_invoker = true) AS
  SELECT * FROM entry UNION ALL SELECT * FROM sealed_entry;
CREATE VIEW every_entry_citizen WITH (security_invoker = true) AS
  SELECT municipality, citizen, at, entry FROM entry_citizen
  UNION ALL SELECT municipality, citizen, at, entry FROM sealed_entry_citizen;
CREATE VIEW every_entry_case WITH (security_invoker = true) AS
  SELECT municipality, case_id, at, entry FROM entry_case
  UNION ALL SELECT municipality, case_id, at, entry FROM sealed_entry_case;
GRANT SELECT ON every_entry, every_entry_citizen, every_entry_case TO :room;
