-- Signing in through NemLog-in: what was asked of the identity provider, which answers were used up, who an answer is
-- about, and the old SMDB accounts that are linked once.
--
-- Signing in is the task 'session' (001_identity.sql); linking is the task 'linking'. No viewer reaches these tables.

-- ── The memory of the service provider ─────────────────────────────────────────────────────────────────────────────────

-- A request that went to the identity provider. It is answered once, within ten minutes, in the browser that began it: the
-- browser holds a secret of which only the SHA-256 is kept, so that nobody is signed in with somebody else's answer.
CREATE TABLE sign_in_request (
  municipality text NOT NULL,
  request text NOT NULL CHECK (length(request) BETWEEN 1 AND 200),
  browser_hash bytea NOT NULL CHECK (length(browser_hash) = 32),
  return_to text NOT NULL,
  force_authn boolean NOT NULL,
  contexts text[] NOT NULL,
  begun_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (municipality, request)
);
CREATE INDEX sign_in_request_by_end ON sign_in_request (municipality, expires_at);
ALTER TABLE sign_in_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_request FORCE ROW LEVEL SECURITY;
CREATE POLICY signing_in ON sign_in_request TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT, INSERT, DELETE, UPDATE (used_at) ON sign_in_request TO :room;

-- Assertions that were seen, until they could not be accepted any more anyway: none signs anybody in twice.
CREATE TABLE assertion_seen (
  municipality text NOT NULL,
  issuer text NOT NULL,
  assertion text NOT NULL CHECK (length(assertion) BETWEEN 1 AND 200),
  until timestamptz NOT NULL,
  PRIMARY KEY (municipality, issuer, assertion)
);
CREATE INDEX assertion_seen_by_end ON assertion_seen (municipality, until);
ALTER TABLE assertion_seen ENABLE ROW LEVEL SECURITY;
ALTER TABLE assertion_seen FORCE ROW LEVEL SECURITY;
CREATE POLICY signing_in ON assertion_seen TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT, INSERT, DELETE ON assertion_seen TO :room;

-- ── Who an assertion is about ──────────────────────────────────────────────────────────────────────────────────────────

-- The identity provider's name of an employee: the UUID of OIOSAML 3, or `CVR:…-RID:…` of OIOSAML 2. One person per
-- identity (Datasikkerhed i borgerservicecentre §3.1): neither is ever shared.
CREATE TABLE nemlogin_identity (
  municipality text NOT NULL,
  uuid text NOT NULL CHECK (length(uuid) BETWEEN 1 AND 200),
  employee uuid NOT NULL,
  PRIMARY KEY (municipality, uuid),
  UNIQUE (municipality, employee),
  FOREIGN KEY (municipality, employee) REFERENCES employee ON DELETE CASCADE
);
ALTER TABLE nemlogin_identity ENABLE ROW LEVEL SECURITY;
ALTER TABLE nemlogin_identity FORCE ROW LEVEL SECURITY;
CREATE POLICY signing_in ON nemlogin_identity TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT, INSERT ON nemlogin_identity TO :room;

-- The same for citizens: learnt from an assertion that held both the number and the UUID, for those that hold the latter only.
CREATE TABLE citizen_identity (
  municipality text NOT NULL,
  uuid text NOT NULL CHECK (length(uuid) BETWEEN 1 AND 200),
  citizen uuid NOT NULL,
  PRIMARY KEY (municipality, uuid),
  FOREIGN KEY (municipality, citizen) REFERENCES citizen ON DELETE CASCADE
);
ALTER TABLE citizen_identity ENABLE ROW LEVEL SECURITY;
ALTER TABLE citizen_identity FORCE ROW LEVEL SECURITY;
CREATE POLICY signing_in ON citizen_identity TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT, INSERT ON citizen_identity TO :room;

-- An employee who is not known yet is entered by the first sign-in; a name or a unit that changed follows.
CREATE POLICY first_sign_in ON employee FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
CREATE POLICY follows ON employee FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT INSERT, UPDATE (name, organisation) ON employee TO :room;

-- ── Rights that NemLog-in brings ───────────────────────────────────────────────────────────────────────────────────────

-- What narrows a right: alternatives, of which one must hold; each a list of constraints that must all hold (OIO BPP). A
-- right that nothing narrows has one alternative without constraints.
ALTER TABLE right_assignment ADD COLUMN constraints jsonb NOT NULL DEFAULT '[[]]' CHECK (jsonb_typeof(constraints) = 'array');
-- Rights that the municipality itself assigned are none of the identity provider's business.
CREATE POLICY asserted ON right_assignment FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
    AND source = 'NEMLOGIN'
  );
CREATE POLICY asserted_otherwise ON right_assignment FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
    AND source = 'NEMLOGIN'
  );
CREATE POLICY asserted_no_more ON right_assignment FOR DELETE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
    AND source = 'NEMLOGIN'
  );
GRANT INSERT, DELETE, UPDATE (constraints) ON right_assignment TO :room;

-- ── Old SMDB accounts ──────────────────────────────────────────────────────────────────────────────────────────────────

-- Accounts of the time before NemLog-in, imported by the owner. Once linked, the hash has done its work and is gone.
CREATE TABLE legacy_account (
  municipality text NOT NULL,
  -- As folded().
  user_name text NOT NULL CHECK (length(user_name) BETWEEN 1 AND 200),
  password_hash text CHECK (length(password_hash) <= 1000),
  -- The company whose employee used it; NULL where that is not known.
  cvr text CHECK (cvr ~ '^\d{8}$'),
  employee uuid,
  PRIMARY KEY (municipality, user_name),
  FOREIGN KEY (municipality, employee) REFERENCES employee,
  CHECK ((employee IS NULL) = (password_hash IS NOT NULL))
);
ALTER TABLE legacy_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE legacy_account FORCE ROW LEVEL SECURITY;
CREATE POLICY linking ON legacy_account TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'linking'
  );
-- The sign-in tells whether there is one to ask for.
CREATE POLICY signing_in ON legacy_account FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT, UPDATE (employee, password_hash) ON legacy_account TO :room;

-- Who was asked for an old account and what came of it: nobody is asked twice.
CREATE TABLE legacy_answer (
  municipality text NOT NULL,
  employee uuid NOT NULL,
  -- NULL: there was none.
  user_name text,
  answered_at timestamptz NOT NULL,
  PRIMARY KEY (municipality, employee),
  FOREIGN KEY (municipality, employee) REFERENCES employee ON DELETE CASCADE
);
ALTER TABLE legacy_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE legacy_answer FORCE ROW LEVEL SECURITY;
CREATE POLICY linking ON legacy_answer TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'linking'
  );
CREATE POLICY signing_in ON legacy_answer FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT, INSERT ON legacy_answer TO :room;

-- Linking asks whether an employee holds a right in SMDB.
CREATE POLICY linking ON employee FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'linking'
  );
CREATE POLICY linking ON right_assignment FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'linking'
  );
