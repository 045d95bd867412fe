-- Powers of attorney (digital fuldmagt): whoever reports to SMDB for another organisation needs one.
--
-- The receiver's administrator requests it, the giver's decides, the receiver's adds employees, and an SMDB administrator
-- of the receiver marks each of them in SMDB. Each step is a row of its own, written by whoever took it and never changed:
-- what holds now is what the last step says, and who did what when can be asked at any time.
--
-- Who may take a step stands in the policies here. The resolvers ask the same functions, to say why not.

-- ── Who speaks for whom ────────────────────────────────────────────────────────────────────────────────────────────────

-- Organisations for which the viewer acts in `wanted`: those of the company (CVR) where the right is held. Nobody speaks for
-- any organisation in a right that one holds and does not act in. Without one: NULL, which denies.
CREATE FUNCTION speaks_for(wanted text) RETURNS uuid[]
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT array_agg(DISTINCT unit.id)
    FROM right_assignment held
    JOIN organisation own ON own.municipality = held.municipality AND own.id = held.organisation
    JOIN organisation unit ON unit.municipality = own.municipality AND unit.cvr = own.cvr
   WHERE held.municipality = nullif(current_setting('sluse.municipality', true), '')
     AND nullif(current_setting('sluse.person_kind', true), '') = 'Employee'
     AND held.employee::text = nullif(current_setting('sluse.person', true), '')
     AND held.code = wanted
     AND nullif(current_setting('sluse.right', true), '') = wanted
$$;

-- Organisations of the company that the viewer works for.
CREATE FUNCTION own_company() RETURNS uuid[]
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT array_agg(unit.id)
    FROM organisation own
    JOIN organisation unit ON unit.municipality = own.municipality AND unit.cvr = own.cvr
   WHERE own.municipality = nullif(current_setting('sluse.municipality', true), '')
     AND nullif(current_setting('sluse.person_kind', true), '') = 'Employee'
     AND own.id::text = nullif(current_setting('sluse.organisation', true), '')
$$;

-- An employee works for a production unit (P-number), or for the company as a whole where the receiver has none.
CREATE FUNCTION works_for(of_municipality text, worker uuid, receiver uuid) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT EXISTS (
    SELECT FROM employee
      JOIN organisation unit ON unit.municipality = employee.municipality AND unit.id = employee.organisation
      JOIN organisation whole ON whole.municipality = employee.municipality AND whole.id = works_for.receiver
     WHERE employee.municipality = of_municipality AND employee.id = worker
       AND (unit.id = whole.id OR (whole.p_number IS NULL AND unit.cvr = whole.cvr)))
$$;

-- ── Powers and their steps ─────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE power_of_attorney (
  municipality text NOT NULL,
  id uuid NOT NULL,
  giver uuid NOT NULL,
  receiver uuid NOT NULL,
  -- SMDB's rights and no others: nobody lends the right to decide over others, nor clearance for cases.
  rights text[] NOT NULL CHECK (rights <> '{}' AND rights <@ ARRAY[
    'SMDB_REPORTER', 'SMDB_LEADER', 'SMDB_HEALTH', 'SMDB_DELEGATED_REPORTER', 'SMDB_DELEGATED_HEALTH']),
  requested_by uuid NOT NULL,
  requested_at timestamptz(3) NOT NULL,
  PRIMARY KEY (municipality, id),
  CHECK (giver <> receiver),
  FOREIGN KEY (municipality, giver) REFERENCES organisation,
  FOREIGN KEY (municipality, receiver) REFERENCES organisation,
  FOREIGN KEY (municipality, requested_by) REFERENCES employee,
  -- For the steps, which repeat the two sides so that their policies need not ask this table.
  UNIQUE (municipality, id, giver, receiver)
);
CREATE INDEX power_of_attorney_newest ON power_of_attorney (municipality, requested_at DESC, id DESC);

CREATE TABLE power_step (
  municipality text NOT NULL,
  power uuid NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  giver uuid NOT NULL,
  receiver uuid NOT NULL,
  step text NOT NULL CHECK (step IN ('GIVEN', 'REFUSED', 'WITHDRAWN', 'ADDED', 'REMOVED', 'MARKED', 'UNMARKED')),
  -- Whom the step is about; NULL for a step of the power as a whole.
  employee uuid CHECK ((employee IS NULL) = (step IN ('GIVEN', 'REFUSED', 'WITHDRAWN'))),
  taken_by uuid NOT NULL,
  taken_at timestamptz(3) NOT NULL,
  -- Two who take the next step at once: one of them fails.
  PRIMARY KEY (municipality, power, number),
  -- Nobody lets oneself in.
  CHECK (employee <> taken_by OR step IN ('REMOVED', 'UNMARKED')),
  FOREIGN KEY (municipality, power, giver, receiver) REFERENCES power_of_attorney (municipality, id, giver, receiver),
  FOREIGN KEY (municipality, taken_by) REFERENCES employee
);
CREATE INDEX power_step_by_employee ON power_step (municipality, employee) WHERE employee IS NOT NULL;

-- What a power is now: the last step of the whole, or `REQUESTED`.
CREATE FUNCTION standing(of_municipality text, of_power uuid) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT coalesce((SELECT step FROM power_step
    WHERE municipality = of_municipality AND power = of_power AND employee IS NULL ORDER BY number DESC LIMIT 1), 'REQUESTED')
$$;

-- What somebody is on it: the last step about them, `REMOVED` where there is none.
CREATE FUNCTION seat(of_municipality text, of_power uuid, of_employee uuid) RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT coalesce((SELECT step FROM power_step
    WHERE municipality = of_municipality AND power = of_power AND employee = of_employee ORDER BY number DESC LIMIT 1), 'REMOVED')
$$;

CREATE FUNCTION next_step(of_municipality text, of_power uuid) RETURNS integer
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT coalesce(max(number), 0) + 1 FROM power_step WHERE municipality = of_municipality AND power = of_power
$$;

-- ── Who may see them ───────────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE power_of_attorney ENABLE ROW LEVEL SECURITY;
ALTER TABLE power_of_attorney FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON power_of_attorney TO :room;

-- The employees of both sides, because everybody should know for whom colleagues act; and readers of the log, who meet powers
-- in it. No citizen, and no system.
CREATE POLICY both_sides ON power_of_attorney FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (ARRAY[giver, receiver] && (SELECT own_company())
       OR ARRAY[giver, receiver] && (SELECT speaks_for('ADMINISTRATOR'))
       OR receiver = ANY ((SELECT speaks_for('SMDB_ADMINISTRATOR'))::uuid[]))
);
CREATE POLICY readers_of_the_log ON power_of_attorney FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['audit:read']
);
CREATE POLICY signing_in ON power_of_attorney FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
);

ALTER TABLE power_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE power_step FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON power_step TO :room;

CREATE POLICY both_sides ON power_step FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (employee IS NULL AND ARRAY[giver, receiver] && (SELECT own_company())
       -- Who is on a power is the administrators' to know, of both sides, and one's own.
       OR ARRAY[giver, receiver] && (SELECT speaks_for('ADMINISTRATOR'))
       OR receiver = ANY ((SELECT speaks_for('SMDB_ADMINISTRATOR'))::uuid[])
       OR ((SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
           AND employee::text = (SELECT nullif(current_setting('sluse.person', true), ''))))
);
CREATE POLICY readers_of_the_log ON power_step FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['audit:read']
);
CREATE POLICY signing_in ON power_step FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
);

-- ── Who may take which step, and when ──────────────────────────────────────────────────────────────────────────────────

CREATE POLICY requested_by_the_receiver ON power_of_attorney FOR INSERT TO :room WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND requested_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  AND receiver = ANY ((SELECT speaks_for('ADMINISTRATOR'))::uuid[])
);

-- Whoever requested it never decides, not even where both sides are one company.
CREATE POLICY decided_by_the_giver ON power_step FOR INSERT TO :room WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND taken_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  AND number = next_step(municipality, power)
  AND step IN ('GIVEN', 'REFUSED')
  AND giver = ANY ((SELECT speaks_for('ADMINISTRATOR'))::uuid[])
  AND standing(municipality, power) = 'REQUESTED'
  AND EXISTS (SELECT FROM power_of_attorney asked
    WHERE asked.municipality = power_step.municipality AND asked.id = power AND asked.requested_by <> taken_by)
);

-- A request is the receiver's to take back; a power that was given, either side's.
CREATE POLICY withdrawn_by_either ON power_step FOR INSERT TO :room WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND taken_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  AND number = next_step(municipality, power)
  AND step = 'WITHDRAWN'
  AND CASE standing(municipality, power)
    WHEN 'REQUESTED' THEN receiver = ANY ((SELECT speaks_for('ADMINISTRATOR'))::uuid[])
    WHEN 'GIVEN' THEN ARRAY[giver, receiver] && (SELECT speaks_for('ADMINISTRATOR'))
    ELSE false
  END
);

CREATE POLICY employees_of_the_receiver ON power_step FOR INSERT TO :room WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND taken_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  AND number = next_step(municipality, power)
  AND receiver = ANY ((SELECT speaks_for('ADMINISTRATOR'))::uuid[])
  AND CASE step
    WHEN 'ADDED' THEN standing(municipality, power) = 'GIVEN' AND works_for(municipality, employee, receiver)
                      AND seat(municipality, power, employee) = 'REMOVED'
    WHEN 'REMOVED' THEN seat(municipality, power, employee) <> 'REMOVED'
    ELSE false
  END
);

-- "Enten kan den af jeres brugere, der er administrator gøre det": the receiver's own SMDB administrator.
CREATE POLICY marked_in_smdb ON power_step FOR INSERT TO :room WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND taken_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  AND number = next_step(municipality, power)
  AND receiver = ANY ((SELECT speaks_for('SMDB_ADMINISTRATOR'))::uuid[])
  AND CASE step
    WHEN 'MARKED' THEN standing(municipality, power) = 'GIVEN' AND seat(municipality, power, employee) IN ('ADDED', 'UNMARKED')
    WHEN 'UNMARKED' THEN seat(municipality, power, employee) = 'MARKED'
    ELSE false
  END
);

-- ── What they let somebody do ──────────────────────────────────────────────────────────────────────────────────────────

-- Powers under which somebody may act in a right now: in force, covering the right, the employee added and marked, working for
-- the receiver, and holding the right with either side (NemLog-in brings a right that is held on behalf of another organisation
-- with that organisation's scope).
CREATE FUNCTION usable_powers(of_municipality text, worker uuid, acting_right text)
  RETURNS TABLE (id uuid, giver uuid, given_by uuid)
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT p.id, p.giver, given.taken_by
    FROM power_of_attorney p
    JOIN power_step given ON given.municipality = p.municipality AND given.power = p.id AND given.step = 'GIVEN'
   WHERE p.municipality = of_municipality
     AND p.id IN (SELECT power FROM power_step WHERE municipality = of_municipality AND employee = worker)
     AND acting_right = ANY (p.rights)
     AND standing(p.municipality, p.id) = 'GIVEN'
     AND seat(p.municipality, p.id, worker) = 'MARKED'
     AND works_for(p.municipality, worker, p.receiver)
     AND EXISTS (
       SELECT FROM right_assignment held
         JOIN organisation own ON own.municipality = held.municipality AND own.id = held.organisation
         JOIN organisation side ON side.municipality = held.municipality AND side.id IN (p.giver, p.receiver)
        WHERE held.municipality = p.municipality AND held.employee = worker AND held.code = acting_right
          AND own.cvr = side.cvr)
   ORDER BY p.requested_at, p.id
$$;

-- Of a step that changes what somebody may do, all of whom it does are told.
CREATE FUNCTION power_stepped() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  concerned uuid[];
BEGIN
  IF NEW.employee IS NOT NULL THEN
    concerned := ARRAY[NEW.employee];
  ELSE
    SELECT array_agg(DISTINCT employee) INTO concerned FROM power_step
     WHERE municipality = NEW.municipality AND power = NEW.power AND employee IS NOT NULL;
  END IF;
  IF concerned IS NOT NULL THEN PERFORM tell_access_change(NEW.municipality, concerned); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER told_after_insert AFTER INSERT ON power_step FOR EACH ROW EXECUTE FUNCTION power_stepped();
