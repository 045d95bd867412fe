-- Grants as people give them: requested with a reason, decided by the manager of the holder's unit, confirmed half-yearly,
-- withdrawn at once (Datasikkerhed i borgerservicecentre §1.1, 3.1–3.4); agreements with other authorities; and the course.
--
-- As with powers of attorney, each step is a row of its own, written by whoever took it and never changed. Who may take a
-- step stands in the policies here; the store asks the same functions to say why not. The grant's own row says what its
-- last step says, and its policy compares the two.
--
-- Time does the rest: a grant that is not confirmed, whose validity or agreement ends, or whose holder's course expires is
-- out of force by the clock that reads it (grants/store.ts), whatever its row says. No job has to run for it.

-- ── Units and their managers ───────────────────────────────────────────────────────────────────────────────────────────

-- The unit and those above it, the nearest first. A circle ends where it began.
CREATE FUNCTION units_above(of_municipality text, of_unit uuid) RETURNS TABLE (unit uuid, manager uuid, distance integer)
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  WITH RECURSIVE above AS (
    SELECT o.id, o.parent, o.manager, 0 AS distance, ARRAY[o.id] AS seen
      FROM organisation o WHERE o.municipality = of_municipality AND o.id = of_unit
    UNION ALL
    SELECT o.id, o.parent, o.manager, above.distance + 1, above.seen || o.id
      FROM above JOIN organisation o ON o.municipality = of_municipality AND o.id = above.parent
     WHERE o.id <> ALL (above.seen)
  )
  SELECT id, manager, distance FROM above ORDER BY distance
$$;

-- Who decides on a grant of somebody in the unit: its manager, or the nearest one above who neither holds nor requested it.
-- A manager without the right to act as one could not decide.
CREATE FUNCTION decider_of(of_municipality text, of_unit uuid, holder uuid, requester uuid) RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT above.manager
    FROM units_above(of_municipality, of_unit) above
    JOIN employee ON employee.municipality = of_municipality AND employee.id = above.manager AND employee.left_at IS NULL
   WHERE above.manager <> decider_of.holder AND above.manager IS DISTINCT FROM requester
     AND EXISTS (SELECT FROM right_assignment held
       WHERE held.municipality = of_municipality AND held.employee = above.manager AND held.code = 'MANAGER')
   ORDER BY above.distance LIMIT 1
$$;

-- Units that the viewer leads, and those below them. Nobody leads in a right that one holds and does not act in.
CREATE FUNCTION led_units() RETURNS uuid[]
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  WITH RECURSIVE led AS (
    SELECT o.id FROM organisation o
     WHERE o.municipality = nullif(current_setting('sluse.municipality', true), '')
       AND nullif(current_setting('sluse.person_kind', true), '') = 'Employee'
       AND o.manager::text = nullif(current_setting('sluse.person', true), '')
       AND nullif(current_setting('sluse.scopes', true), '')::text[] && ARRAY['grant:decide']
    UNION
    SELECT o.id FROM led JOIN organisation o
      ON o.municipality = nullif(current_setting('sluse.municipality', true), '') AND o.parent = led.id
  )
  SELECT coalesce(array_agg(id), '{}') FROM led
$$;

-- Six calendar months later, by the clock on the wall: 31 August is followed by the last of February.
CREATE FUNCTION six_months_after(at timestamptz) RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN ((at AT TIME ZONE 'Europe/Copenhagen') + interval '6 months') AT TIME ZONE 'Europe/Copenhagen';

-- ── Secretariats ───────────────────────────────────────────────────────────────────────────────────────────────────────

-- The room asks whenever it computes what somebody is cleared for.
CREATE POLICY signing_in ON secretariat FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );

CREATE FUNCTION serves(of_municipality text, worker uuid, of_authority text) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT EXISTS (
    SELECT FROM secretariat s JOIN employee e ON e.municipality = s.municipality AND e.organisation = s.unit
     WHERE s.municipality = of_municipality AND s.authority = of_authority AND e.id = worker AND e.left_at IS NULL)
$$;

-- Authorities that the viewer's unit serves, in whichever right.
CREATE FUNCTION served_authorities() RETURNS text[]
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT array_agg(DISTINCT s.authority)
    FROM secretariat s JOIN employee e ON e.municipality = s.municipality AND e.organisation = s.unit
   WHERE s.municipality = nullif(current_setting('sluse.municipality', true), '')
     AND nullif(current_setting('sluse.person_kind', true), '') = 'Employee'
     AND e.id::text = nullif(current_setting('sluse.person', true), '')
$$;

-- Whoever belonged to a secretariat that is one no more is told.
CREATE FUNCTION secretariat_changed() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  told record;
BEGIN
  FOR told IN
    SELECT e.municipality, array_agg(DISTINCT e.id) AS persons
      FROM changed JOIN employee e ON e.municipality = changed.municipality AND e.organisation = changed.unit
     GROUP BY e.municipality
  LOOP
    PERFORM tell_access_change(told.municipality, told.persons);
  END LOOP;
  RETURN NULL;
END $$;
CREATE TRIGGER told_after_insert AFTER INSERT ON secretariat
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION secretariat_changed();
CREATE TRIGGER told_after_delete AFTER DELETE ON secretariat
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION secretariat_changed();

-- ── Agreements with other authorities ──────────────────────────────────────────────────────────────────────────────────

-- That authority decides whether the conditions for disclosure hold; work on its behalf takes a data-processing agreement
-- (§3.4). Whoever made it, what it covers and when it began never change.
CREATE TABLE disclosure_agreement (
  municipality text NOT NULL,
  id uuid NOT NULL,
  authority text NOT NULL CHECK (authority IN (
    'CHILDREN_AND_YOUTH_COMMITTEE', 'MARRIAGE_AUTHORITY', 'FOLKEOPLYSNING_COMMITTEE', 'LICENSING_BOARD', 'RENT_BOARD',
    'FENCE_INSPECTION')),
  receiver uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('DISCLOSURE', 'PROCESSING')),
  basis text NOT NULL CHECK (length(basis) BETWEEN 3 AND 500),
  processing_agreement text CHECK (length(processing_agreement) BETWEEN 3 AND 200),
  valid_from date NOT NULL,
  -- The last day.
  valid_to date,
  begins_at timestamptz NOT NULL GENERATED ALWAYS AS (valid_from::timestamp AT TIME ZONE 'Europe/Copenhagen') STORED,
  ends_at timestamptz GENERATED ALWAYS AS ((valid_to + 1)::timestamp AT TIME ZONE 'Europe/Copenhagen') STORED,
  agreed_by uuid NOT NULL,
  agreed_at timestamptz(3) NOT NULL,
  ended_by uuid,
  ended_at timestamptz(3),
  end_reason text CHECK (length(end_reason) BETWEEN 1 AND 2000),
  PRIMARY KEY (municipality, id),
  CHECK (valid_to >= valid_from),
  CHECK ((kind = 'PROCESSING') = (processing_agreement IS NOT NULL)),
  CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL)),
  FOREIGN KEY (municipality, receiver) REFERENCES organisation,
  FOREIGN KEY (municipality, agreed_by) REFERENCES employee
);
CREATE INDEX disclosure_agreement_newest ON disclosure_agreement (municipality, agreed_at DESC, id DESC);
ALTER TABLE disclosure_agreement ENABLE ROW LEVEL SECURITY;
ALTER TABLE disclosure_agreement FORCE ROW LEVEL SECURITY;
CREATE POLICY colleagues ON disclosure_agreement FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['employee:read']
  );
CREATE POLICY signing_in ON disclosure_agreement FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
-- Nobody but the authority's own secretariat, in the own name.
CREATE POLICY made_by_the_secretariat ON disclosure_agreement FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['disclosure:agree']
    AND agreed_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND authority = ANY ((SELECT served_authorities())::text[])
    AND ended_at IS NULL
  );
CREATE POLICY ended_by_the_secretariat ON disclosure_agreement FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['disclosure:agree']
    AND authority = ANY ((SELECT served_authorities())::text[])
    AND ended_at IS NULL
  )
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND ended_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND ended_at IS NOT NULL
  );
GRANT SELECT, INSERT, UPDATE (ended_by, ended_at, end_reason) ON disclosure_agreement TO :room;

-- Whether it is for employees of that unit: the receiver's, and those of the units below it.
CREATE FUNCTION covers(of_municipality text, of_agreement uuid, of_unit uuid, of_authority text) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT EXISTS (
    SELECT FROM disclosure_agreement a
     WHERE a.municipality = of_municipality AND a.id = of_agreement AND a.authority = of_authority AND a.ended_at IS NULL
       AND a.receiver IN (SELECT unit FROM units_above(of_municipality, of_unit)))
$$;

-- ── Grants ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE clearance_grant
  ADD COLUMN valid_to timestamptz CHECK (valid_to > valid_from),
  ADD COLUMN requested_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  -- Where the holder worked when it was requested; NULL for a system client. A grant does not outlive a change of unit.
  ADD COLUMN unit uuid,
  -- For a compartment of another authority: the agreement that it stands under. NULL for that authority's secretariat.
  ADD COLUMN agreement uuid,
  ADD FOREIGN KEY (municipality, unit) REFERENCES organisation,
  ADD FOREIGN KEY (municipality, agreement) REFERENCES disclosure_agreement;
ALTER TABLE clearance_grant NO FORCE ROW LEVEL SECURITY;
ALTER TABLE employee NO FORCE ROW LEVEL SECURITY;
UPDATE clearance_grant SET requested_at = valid_from;
UPDATE clearance_grant g SET unit = e.organisation FROM employee e WHERE e.municipality = g.municipality AND e.id = g.holder;
ALTER TABLE employee FORCE ROW LEVEL SECURITY;
ALTER TABLE clearance_grant FORCE ROW LEVEL SECURITY;
CREATE INDEX clearance_grant_newest ON clearance_grant (municipality, requested_at DESC, id DESC);
CREATE INDEX clearance_grant_by_unit ON clearance_grant (municipality, unit, confirm_by);
CREATE INDEX clearance_grant_by_agreement ON clearance_grant (municipality, agreement) WHERE agreement IS NOT NULL;

CREATE TABLE grant_step (
  municipality text NOT NULL,
  grant_id uuid NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  -- MOVED and LEFT: the register took the holder out of the unit.
  step text NOT NULL CHECK (step IN ('GIVEN', 'REFUSED', 'CONFIRMED', 'WITHDRAWN', 'MOVED', 'LEFT')),
  taken_by uuid CHECK ((taken_by IS NULL) = (step IN ('MOVED', 'LEFT'))),
  taken_at timestamptz(3) NOT NULL,
  reason text CHECK (length(reason) BETWEEN 1 AND 2000),
  -- Two who take the next step at once: one of them fails.
  PRIMARY KEY (municipality, grant_id, number),
  FOREIGN KEY (municipality, grant_id) REFERENCES clearance_grant ON DELETE CASCADE
);
CREATE INDEX grant_step_by_time ON grant_step (municipality, taken_at DESC, grant_id DESC, number DESC);

CREATE FUNCTION next_grant_step(of_municipality text, of_grant uuid) RETURNS integer
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT coalesce(max(number), 0) + 1 FROM grant_step WHERE municipality = of_municipality AND grant_id = of_grant
$$;

-- What a grant's row says after a step.
CREATE FUNCTION status_after(step text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN step IN ('GIVEN', 'CONFIRMED') THEN 'IN_FORCE' WHEN step = 'REFUSED' THEN 'REFUSED' ELSE 'WITHDRAWN' END;

-- Whether a grant's row says what its last step says.
CREATE FUNCTION as_stepped(of_municipality text, of_grant uuid, status text, decided_by uuid, confirm_by timestamptz)
  RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT as_stepped.status = status_after(last.step)
     AND (last.step NOT IN ('GIVEN', 'CONFIRMED') OR as_stepped.confirm_by = six_months_after(last.taken_at))
     AND (last.step NOT IN ('GIVEN', 'REFUSED') OR as_stepped.decided_by = last.taken_by)
    FROM grant_step last
   WHERE last.municipality = of_municipality AND last.grant_id = of_grant
   ORDER BY last.number DESC LIMIT 1
$$;

CREATE FUNCTION grant_stepped() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE clearance_grant SET
    status = status_after(NEW.step),
    decided_by = CASE WHEN NEW.step IN ('GIVEN', 'REFUSED') THEN NEW.taken_by ELSE decided_by END,
    confirm_by = CASE WHEN NEW.step IN ('GIVEN', 'CONFIRMED') THEN six_months_after(NEW.taken_at) ELSE confirm_by END
   WHERE municipality = NEW.municipality AND id = NEW.grant_id;
  IF NOT FOUND THEN RAISE EXCEPTION 'a step of a grant that is not there'; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER stepped AFTER INSERT ON grant_step FOR EACH ROW EXECUTE FUNCTION grant_stepped();

-- ── Who may see grants ─────────────────────────────────────────────────────────────────────────────────────────────────

CREATE POLICY ones_own ON clearance_grant FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.person', true), '')) IN (holder::text, requested_by::text)
  );
CREATE POLICY those_who_lead ON clearance_grant FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND unit = ANY ((SELECT led_units())::uuid[])
  );
CREATE POLICY administrators ON clearance_grant FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
  );
-- Whose matters they open.
CREATE POLICY the_secretariat ON clearance_grant FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND split_part(compartment, '.', 2) = ANY ((SELECT served_authorities())::text[])
  );

ALTER TABLE grant_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE grant_step FORCE ROW LEVEL SECURITY;
CREATE POLICY with_the_grant ON grant_step FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND EXISTS (SELECT FROM clearance_grant g WHERE g.municipality = grant_step.municipality AND g.id = grant_id)
  );
GRANT SELECT, INSERT ON grant_step TO :room;

-- ── Who may take which step ────────────────────────────────────────────────────────────────────────────────────────────

-- For somebody else, as a colleague of the holder or as who leads the holder's unit; never into another authority's
-- compartment, but as its secretariat or under its agreement.
CREATE POLICY requested ON clearance_grant FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['grant:request']
    AND requested_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND holder <> requested_by
    AND status = 'REQUESTED' AND decided_by IS NULL
    AND (unit::text = (SELECT nullif(current_setting('sluse.organisation', true), ''))
         OR unit = ANY ((SELECT led_units())::uuid[]))
    AND EXISTS (SELECT FROM employee e
      WHERE e.municipality = clearance_grant.municipality AND e.id = holder AND e.organisation = unit AND e.left_at IS NULL)
    AND CASE
      WHEN split_part(compartment, '.', 2) = 'MUNICIPALITY' THEN agreement IS NULL
      WHEN agreement IS NULL THEN serves(municipality, holder, split_part(compartment, '.', 2))
      ELSE covers(municipality, agreement, unit, split_part(compartment, '.', 2))
    END
  );
GRANT INSERT, UPDATE (status, decided_by, confirm_by) ON clearance_grant TO :room;
CREATE POLICY as_stepped ON clearance_grant FOR UPDATE TO :room
  USING (municipality = (SELECT nullif(current_setting('sluse.municipality', true), '')))
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND as_stepped(municipality, id, status, decided_by, confirm_by)
  );

CREATE POLICY decided ON grant_step FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND taken_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND number = next_grant_step(municipality, grant_id)
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['grant:decide']
    AND step IN ('GIVEN', 'REFUSED')
    AND EXISTS (SELECT FROM clearance_grant g
      WHERE g.municipality = grant_step.municipality AND g.id = grant_id AND g.status = 'REQUESTED'
        AND decider_of(g.municipality, g.unit, g.holder, g.requested_by) = taken_by
        AND (step = 'REFUSED' OR g.agreement IS NULL
             OR covers(g.municipality, g.agreement, g.unit, split_part(g.compartment, '.', 2))))
  );
CREATE POLICY confirmed ON grant_step FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND taken_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND number = next_grant_step(municipality, grant_id)
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['grant:decide']
    AND step = 'CONFIRMED'
    AND EXISTS (SELECT FROM clearance_grant g
      WHERE g.municipality = grant_step.municipality AND g.id = grant_id
        AND g.status IN ('IN_FORCE', 'WAITING_FOR_COURSE')
        AND decider_of(g.municipality, g.unit, g.holder, NULL) = taken_by)
  );
-- The holder gives up; who leads the unit, or an administrator, takes it back.
CREATE POLICY withdrawn ON grant_step FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND taken_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND number = next_grant_step(municipality, grant_id)
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND step = 'WITHDRAWN'
    AND EXISTS (SELECT FROM clearance_grant g
      WHERE g.municipality = grant_step.municipality AND g.id = grant_id
        AND g.status IN ('REQUESTED', 'IN_FORCE', 'WAITING_FOR_COURSE')
        AND (g.holder = taken_by OR g.unit = ANY ((SELECT led_units())::uuid[])
             OR (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']))
  );

-- An agreement that ends takes its grants along: their holders' access is computed anew.
CREATE FUNCTION agreement_ended() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM tell_access_change(NEW.municipality, (SELECT array_agg(DISTINCT g.holder) FROM clearance_grant g
    WHERE g.municipality = NEW.municipality AND g.agreement = NEW.id));
  RETURN NULL;
END $$;
CREATE TRIGGER told_after_update AFTER UPDATE ON disclosure_agreement FOR EACH ROW EXECUTE FUNCTION agreement_ended();

-- ── The course ─────────────────────────────────────────────────────────────────────────────────────────────────────────

-- Special instruction before starting in a citizen service centre (§4). An attempt that was recorded is never changed.
CREATE TABLE course_record (
  municipality text NOT NULL,
  id uuid NOT NULL,
  employee uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('DATA_SECURITY')),
  passed_on date NOT NULL,
  -- The first day on which it is no longer good; NULL for a course that does not expire.
  expires_on date CHECK (expires_on > passed_on),
  begins_at timestamptz NOT NULL GENERATED ALWAYS AS (passed_on::timestamp AT TIME ZONE 'Europe/Copenhagen') STORED,
  ends_at timestamptz GENERATED ALWAYS AS (expires_on::timestamp AT TIME ZONE 'Europe/Copenhagen') STORED,
  evidence text NOT NULL CHECK (length(evidence) BETWEEN 3 AND 500),
  recorded_by uuid NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  PRIMARY KEY (municipality, id),
  -- Nobody lets oneself pass.
  CHECK (employee <> recorded_by),
  FOREIGN KEY (municipality, employee) REFERENCES employee,
  FOREIGN KEY (municipality, recorded_by) REFERENCES employee
);
CREATE INDEX course_record_by_employee ON course_record (municipality, employee, kind);
ALTER TABLE course_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE course_record FORCE ROW LEVEL SECURITY;
CREATE POLICY ones_own ON course_record FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND employee::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
CREATE POLICY those_who_lead ON course_record FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND EXISTS (SELECT FROM employee e WHERE e.municipality = course_record.municipality AND e.id = employee
      AND e.organisation = ANY ((SELECT led_units())::uuid[]))
  );
-- Whoever sees a grant sees whether it waits.
CREATE POLICY with_the_grant ON course_record FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND EXISTS (SELECT FROM clearance_grant g WHERE g.municipality = course_record.municipality AND g.holder = employee)
  );
CREATE POLICY administrators ON course_record FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
  );
CREATE POLICY signing_in ON course_record FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
CREATE POLICY recorded ON course_record FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND recorded_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND ((SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
         OR EXISTS (SELECT FROM employee e WHERE e.municipality = course_record.municipality AND e.id = employee
           AND e.organisation = ANY ((SELECT led_units())::uuid[])))
  );
GRANT SELECT, INSERT ON course_record TO :room;
CREATE TRIGGER told_after_insert AFTER INSERT ON course_record
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('employee');

-- ── Rights that the municipality assigns ───────────────────────────────────────────────────────────────────────────────

-- SMDB's rights are assigned in FBRS and come with NemLog-in. Nobody assigns a right to oneself, or withdraws an own one.
ALTER TABLE right_assignment ADD COLUMN assigned_by uuid;
CREATE POLICY administrators_assign ON right_assignment FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
    AND source = 'LOCAL' AND NOT starts_with(code, 'SMDB_')
    AND assigned_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND employee <> assigned_by
  );
CREATE POLICY administrators_withdraw ON right_assignment FOR DELETE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['admin']
    AND source = 'LOCAL'
    AND employee::text <> (SELECT nullif(current_setting('sluse.person', true), ''))
  );
