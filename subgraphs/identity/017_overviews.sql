-- Overviews: when somebody last used the system, who sees on which power of attorney somebody is, and lock-outs for readers of the log.
-- And grants of case systems, which two people give.

-- ── Last use ───────────────────────────────────────────────────────────────────────────────────────────────────────────

-- When an employee last signed in and last used the system. The session's own row cannot be asked: it holds the token's hash, and
-- what the identity provider calls the person. Written by the session's own changes, and not more often than every five minutes:
-- requests of one person must not wait for each other. No foreign key, as for sessions.
CREATE TABLE last_use (
  municipality text NOT NULL,
  employee uuid NOT NULL,
  signed_in_at timestamptz(3) NOT NULL,
  used_at timestamptz(3) NOT NULL,
  PRIMARY KEY (municipality, employee)
);
ALTER TABLE session NO FORCE ROW LEVEL SECURITY;
INSERT INTO last_use
  SELECT municipality, person, max(authenticated_at), max(last_used_at) FROM session
   WHERE person_kind = 'Employee' GROUP BY municipality, person;
ALTER TABLE session FORCE ROW LEVEL SECURITY;

ALTER TABLE last_use ENABLE ROW LEVEL SECURITY;
ALTER TABLE last_use FORCE ROW LEVEL SECURITY;
CREATE POLICY signing_in ON last_use TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
CREATE POLICY ones_own ON last_use FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND employee::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
CREATE POLICY those_who_lead ON last_use FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND EXISTS (SELECT FROM employee e WHERE e.municipality = last_use.municipality AND e.id = last_use.employee
      AND e.organisation = ANY ((SELECT led_units())::uuid[]))
  );
CREATE POLICY administrators ON last_use FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
  );
GRANT SELECT, INSERT, UPDATE (signed_in_at, used_at) ON last_use TO :room;

CREATE FUNCTION session_opened() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO last_use AS known VALUES (NEW.municipality, NEW.person, NEW.authenticated_at, NEW.last_used_at)
    ON CONFLICT (municipality, employee) DO UPDATE SET
      signed_in_at = greatest(known.signed_in_at, excluded.signed_in_at), used_at = greatest(known.used_at, excluded.used_at);
  RETURN NULL;
END $$;
CREATE TRIGGER opened AFTER INSERT ON session FOR EACH ROW
  WHEN (NEW.person_kind = 'Employee') EXECUTE FUNCTION session_opened();

CREATE FUNCTION session_used() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE last_use SET used_at = NEW.last_used_at
   WHERE municipality = NEW.municipality AND employee = NEW.person AND used_at <= NEW.last_used_at - interval '5 minutes';
  RETURN NULL;
END $$;
CREATE TRIGGER used AFTER UPDATE OF last_used_at ON session FOR EACH ROW
  WHEN (NEW.person_kind = 'Employee' AND NEW.last_used_at > OLD.last_used_at) EXECUTE FUNCTION session_used();

-- ── Lock-outs ──────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE INDEX access_block_of_person ON access_block (municipality, person) WHERE lifted_at IS NULL;
-- The security officer sees who is locked out, and lifts nothing.
CREATE POLICY readers_of_the_log ON access_block FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['audit:read']
    AND NOT (SELECT of_another_company())
  );

-- ── Powers of attorney of the unit ─────────────────────────────────────────────────────────────────────────────────────

-- A function, because policies of employee and power_step would otherwise ask each other without end.
CREATE FUNCTION works_in(of_municipality text, worker uuid, units uuid[]) RETURNS boolean
  LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
BEGIN
  RETURN cardinality(units) > 0
     AND EXISTS (SELECT FROM employee e WHERE e.municipality = of_municipality AND e.id = worker AND e.organisation = ANY (units));
END $$;

-- Who leads a unit sees on which powers its employees are.
CREATE POLICY those_who_lead ON power_step FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND employee IS NOT NULL
    AND works_in(municipality, employee, (SELECT led_units()))
  );

-- ── Grants of case systems ─────────────────────────────────────────────────────────────────────────────────────────────

-- They have no unit. An administrator requests one with a reason; another administrator, or the manager of the organisation that
-- runs the system, decides and confirms. Into another authority's compartment it takes that authority's agreement with the
-- organisation. Never into a single case's compartment: its table takes requests for employees only.

CREATE FUNCTION runner_of(of_municipality text, client uuid) RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT organisation FROM system_client c WHERE c.municipality = of_municipality AND c.id = client AND c.left_at IS NULL
$$;

CREATE POLICY those_who_lead_the_runner ON clearance_grant FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND unit IS NULL
    AND runner_of(municipality, holder) = ANY ((SELECT led_units())::uuid[])
  );
CREATE POLICY requested_for_a_system ON clearance_grant FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
    AND requested_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND status = 'REQUESTED' AND decided_by IS NULL AND unit IS NULL
    AND runner_of(municipality, holder) IS NOT NULL
    AND CASE
      WHEN split_part(compartment, '.', 2) = 'MUNICIPALITY' THEN agreement IS NULL
      ELSE covers(municipality, agreement, runner_of(municipality, holder), split_part(compartment, '.', 2))
    END
  );

-- Whether the viewer looks after a system: an administrator, or who leads the organisation that runs it.
CREATE FUNCTION looks_after(of_municipality text, client uuid) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT coalesce(nullif(current_setting('sluse.person_kind', true), '') = 'Employee'
     AND (nullif(current_setting('sluse.scopes', true), '')::text[] && ARRAY['admin']
          OR runner_of(of_municipality, client) = ANY (led_units())), false)
$$;

CREATE POLICY decided_for_a_system ON grant_step FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND taken_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND number = next_grant_step(municipality, grant_id)
    AND step IN ('GIVEN', 'REFUSED')
    AND EXISTS (SELECT FROM clearance_grant g
      WHERE g.municipality = grant_step.municipality AND g.id = grant_id AND g.unit IS NULL AND g.status = 'REQUESTED'
        AND g.requested_by <> taken_by AND looks_after(g.municipality, g.holder)
        AND (step = 'REFUSED' OR (runner_of(g.municipality, g.holder) IS NOT NULL AND (g.agreement IS NULL
             OR covers(g.municipality, g.agreement, runner_of(g.municipality, g.holder), split_part(g.compartment, '.', 2))))))
  );
CREATE POLICY confirmed_for_a_system ON grant_step FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND taken_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND number = next_grant_step(municipality, grant_id)
    AND step = 'CONFIRMED'
    AND EXISTS (SELECT FROM clearance_grant g
      WHERE g.municipality = grant_step.municipality AND g.id = grant_id AND g.unit IS NULL AND g.status = 'IN_FORCE'
        AND looks_after(g.municipality, g.holder))
  );
CREATE POLICY withdrawn_for_a_system ON grant_step FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND taken_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND number = next_grant_step(municipality, grant_id)
    AND step = 'WITHDRAWN'
    AND EXISTS (SELECT FROM clearance_grant g
      WHERE g.municipality = grant_step.municipality AND g.id = grant_id AND g.unit IS NULL
        AND g.status IN ('REQUESTED', 'IN_FORCE', 'WAITING_FOR_COURSE') AND looks_after(g.municipality, g.holder))
  );
