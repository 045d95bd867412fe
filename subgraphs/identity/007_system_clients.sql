-- By what a case system proves who it is: the public halves of its keys, and the assertions that were used up.

-- A key is never changed and never deleted: it is registered, and it is withdrawn. What was signed with it can be told apart
-- for ever, and a name (`kid`) never comes to mean another key.
CREATE TABLE system_client_key (
  municipality text NOT NULL,
  id uuid NOT NULL,
  client uuid NOT NULL,
  kid text NOT NULL CHECK (length(kid) BETWEEN 1 AND 200),
  -- Public members only (RFC 7517).
  jwk jsonb NOT NULL,
  source text NOT NULL CHECK (source IN ('JWK', 'CERTIFICATE')),
  -- Of a certificate; NULL for a key without one.
  valid_from timestamptz,
  valid_to timestamptz,
  registered_by uuid NOT NULL,
  registered_at timestamptz NOT NULL,
  withdrawn_by uuid,
  withdrawn_at timestamptz,
  PRIMARY KEY (municipality, id),
  UNIQUE (municipality, client, kid),
  FOREIGN KEY (municipality, client) REFERENCES system_client ON DELETE CASCADE
);
ALTER TABLE system_client_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE system_client_key FORCE ROW LEVEL SECURITY;
-- A public key is no secret: seen with the client that it belongs to.
CREATE POLICY colleagues ON system_client_key FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['employee:read']
  );
CREATE POLICY oneself ON system_client_key FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'SystemClient'
    AND client::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
CREATE POLICY signing_in ON system_client_key FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
-- Whoever registers a key can act as the system: administrators, and nobody on the system's own behalf.
CREATE POLICY administrators_register ON system_client_key FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
  );
CREATE POLICY administrators_withdraw ON system_client_key FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
  );
GRANT SELECT, INSERT, UPDATE (withdrawn_by, withdrawn_at) ON system_client_key TO :room;

CREATE TRIGGER told_after_insert AFTER INSERT ON system_client_key
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('client');
CREATE TRIGGER told_after_update AFTER UPDATE ON system_client_key
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('client');
CREATE TRIGGER told_after_delete AFTER DELETE ON system_client_key
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('client');

-- Assertions that were used: each opens once (RFC 7523 §3, jti). The primary key is what makes two at once one. A row is kept
-- until its assertion could not be used any more, by whichever clock; nobody but the room itself reads or writes it.
CREATE TABLE used_assertion (
  municipality text NOT NULL,
  client uuid NOT NULL,
  jti text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (municipality, client, jti),
  FOREIGN KEY (municipality, client) REFERENCES system_client ON DELETE CASCADE
);
CREATE INDEX used_assertion_by_end ON used_assertion (municipality, expires_at);
ALTER TABLE used_assertion ENABLE ROW LEVEL SECURITY;
ALTER TABLE used_assertion FORCE ROW LEVEL SECURITY;
CREATE POLICY signing_in ON used_assertion TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
GRANT SELECT, INSERT, DELETE ON used_assertion TO :room;
