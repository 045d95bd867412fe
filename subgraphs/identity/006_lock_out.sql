-- Lock-out: consecutive rejected attempts are counted, and block until an administrator has recorded why.
--
-- Counting and blocking are the task 'lock-out'; seeing and lifting blocks is for administrators.

-- Attempts by whom they are counted for: a person, a workstation, or a name at a workstation; never for a name alone, or a
-- stranger could lock its owner out from anywhere. An attempt is counted before it is looked at (`under_way`), so that no
-- number of attempts side by side makes more of them.
CREATE TABLE access_attempt (
  municipality text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('PERSON', 'WORKSTATION', 'NAME_AT_WORKSTATION')),
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 300),
  rejected int NOT NULL DEFAULT 0 CHECK (rejected >= 0),
  under_way int NOT NULL DEFAULT 0 CHECK (under_way >= 0),
  last_at timestamptz NOT NULL,
  PRIMARY KEY (municipality, kind, key)
);
ALTER TABLE access_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_attempt FORCE ROW LEVEL SECURITY;
CREATE POLICY counting ON access_attempt TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'lock-out'
  );
GRANT SELECT, INSERT, DELETE, UPDATE (rejected, under_way, last_at) ON access_attempt TO :room;

-- What is blocked, since when, and why it was lifted: kept as a history that an inspection may ask for. Of a name that was
-- tried nothing is kept but the digest in `key`: people type their password there.
CREATE TABLE access_block (
  municipality text NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('PERSON', 'WORKSTATION', 'NAME_AT_WORKSTATION')),
  key text NOT NULL,
  workstation text,
  person uuid,
  -- Milliseconds, as clients see it: a cursor made from what they see must find the same place again.
  blocked_at timestamptz(3) NOT NULL,
  lifted_at timestamptz(3),
  lifted_by uuid,
  clarification text CHECK (length(clarification) BETWEEN 1 AND 2000),
  PRIMARY KEY (municipality, id),
  CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (clarification IS NULL))
);
CREATE UNIQUE INDEX access_block_standing ON access_block (municipality, kind, key) WHERE lifted_at IS NULL;
CREATE INDEX access_block_by_time ON access_block (municipality, blocked_at, id);
ALTER TABLE access_block ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_block FORCE ROW LEVEL SECURITY;
CREATE POLICY counting ON access_block TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'lock-out'
  );
CREATE POLICY administrators ON access_block FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
  );
-- A block is lifted once, by an administrator, in the own name; what was recorded then stays.
CREATE POLICY administrators_lift ON access_block FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
    AND lifted_at IS NULL
  )
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
    AND lifted_at IS NOT NULL
  );
GRANT SELECT, INSERT, UPDATE (lifted_at, lifted_by, clarification) ON access_block TO :room;

-- Nobody who is blocked signs in.
CREATE POLICY signing_in ON access_block FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );

-- Once lifted, counting starts anew.
CREATE POLICY administrators ON access_attempt TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
  );

-- Whoever is blocked is signed out.
CREATE POLICY locking_out ON session FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'lock-out'
  );
CREATE POLICY locking_out_to_change ON session FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'lock-out'
  );
