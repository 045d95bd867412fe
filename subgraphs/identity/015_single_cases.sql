-- Compartments of single cases ("bestemte sager"), and grants into them. That such a code exists tells that the case may, so
-- these lie in tables of their own, behind the compartment: SQL for anybody who holds no such grant does not name them.
--
-- A code exists before any case has it. Two people of the compartment that the case would otherwise lie in open it
-- together, so that there is always somebody besides the requester who can decide on the next one.

CREATE TABLE single_case_compartment (
  municipality text NOT NULL,
  compartment text NOT NULL CHECK (compartment ~ ('^' || municipality || '\.CASE\.[0-9a-f-]{36}$')),
  authority text NOT NULL,
  category text NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
  opened_by uuid NOT NULL,
  opened_with uuid NOT NULL CHECK (opened_with <> opened_by),
  opened_at timestamptz(3) NOT NULL,
  PRIMARY KEY (municipality, compartment)
);

CREATE TABLE single_case_grant (
  municipality text NOT NULL,
  id uuid NOT NULL,
  -- An employee or a system client.
  holder uuid NOT NULL,
  compartment text NOT NULL CHECK (starts_with(compartment, municipality || '.CASE.')),
  level text NOT NULL CHECK (level IN ('EXISTENCE', 'METADATA', 'DOCUMENTS')),
  operations text[] NOT NULL CHECK (operations <@ ARRAY['SEARCH', 'ENTER', 'DELETE']),
  shielded boolean NOT NULL DEFAULT true CHECK (shielded),
  reason text NOT NULL,
  status text NOT NULL CHECK (status IN ('REQUESTED', 'IN_FORCE', 'WAITING_FOR_COURSE', 'REFUSED', 'WITHDRAWN', 'LAPSED')),
  requested_by uuid NOT NULL,
  decided_by uuid,
  valid_from timestamptz NOT NULL,
  confirm_by timestamptz NOT NULL,
  valid_to timestamptz CHECK (valid_to > valid_from),
  requested_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  unit uuid,
  agreement uuid CHECK (agreement IS NULL),
  -- Whether it was given by opening the compartment.
  opening boolean NOT NULL DEFAULT false,
  PRIMARY KEY (municipality, compartment, id)
);
CREATE INDEX single_case_grant_by_holder ON single_case_grant (municipality, holder);

CREATE TABLE single_case_step (
  municipality text NOT NULL,
  compartment text NOT NULL,
  grant_id uuid NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  step text NOT NULL CHECK (step IN ('GIVEN', 'REFUSED', 'CONFIRMED', 'WITHDRAWN', 'MOVED', 'LEFT')),
  taken_by uuid CHECK ((taken_by IS NULL) = (step IN ('MOVED', 'LEFT'))),
  taken_at timestamptz(3) NOT NULL,
  reason text CHECK (length(reason) BETWEEN 1 AND 2000),
  PRIMARY KEY (municipality, compartment, grant_id, number),
  FOREIGN KEY (municipality, compartment, grant_id) REFERENCES single_case_grant ON DELETE CASCADE
);

-- Rows of before move behind the wall.
ALTER TABLE clearance_grant NO FORCE ROW LEVEL SECURITY;
INSERT INTO single_case_grant (municipality, id, holder, compartment, level, operations, reason, status, requested_by,
                               decided_by, valid_from, confirm_by, requested_at, unit)
  SELECT municipality, id, holder, compartment, level, operations, reason, status, requested_by,
         decided_by, valid_from, confirm_by, requested_at, unit
    FROM clearance_grant WHERE starts_with(compartment, municipality || '.CASE.');
DELETE FROM clearance_grant WHERE starts_with(compartment, municipality || '.CASE.');
ALTER TABLE clearance_grant FORCE ROW LEVEL SECURITY;
ALTER TABLE clearance_grant ADD CONSTRAINT no_single_case CHECK (NOT starts_with(compartment, municipality || '.CASE.'));

CREATE FUNCTION next_single_case_step(of_municipality text, of_compartment text, of_grant uuid) RETURNS integer
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT coalesce(max(number), 0) + 1 FROM single_case_step
   WHERE municipality = of_municipality AND compartment = of_compartment AND grant_id = of_grant
$$;

CREATE FUNCTION single_case_as_stepped(
  of_municipality text, of_compartment text, of_grant uuid, status text, decided_by uuid, confirm_by timestamptz
) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT single_case_as_stepped.status = status_after(last.step)
     AND (last.step NOT IN ('GIVEN', 'CONFIRMED') OR single_case_as_stepped.confirm_by = six_months_after(last.taken_at))
     AND (last.step NOT IN ('GIVEN', 'REFUSED') OR single_case_as_stepped.decided_by = last.taken_by)
    FROM single_case_step last
   WHERE last.municipality = of_municipality AND last.compartment = of_compartment AND last.grant_id = of_grant
   ORDER BY last.number DESC LIMIT 1
$$;

CREATE FUNCTION single_case_stepped() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE single_case_grant SET
    status = status_after(NEW.step),
    decided_by = CASE WHEN NEW.step IN ('GIVEN', 'REFUSED') THEN NEW.taken_by ELSE decided_by END,
    confirm_by = CASE WHEN NEW.step IN ('GIVEN', 'CONFIRMED') THEN six_months_after(NEW.taken_at) ELSE confirm_by END
   WHERE municipality = NEW.municipality AND compartment = NEW.compartment AND id = NEW.grant_id;
  IF NOT FOUND THEN RAISE EXCEPTION 'a step of a grant that is not there'; END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER stepped AFTER INSERT ON single_case_step FOR EACH ROW EXECUTE FUNCTION single_case_stepped();

CREATE TRIGGER told_after_insert AFTER INSERT ON single_case_grant
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('holder');
CREATE TRIGGER told_after_update AFTER UPDATE ON single_case_grant
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('holder');
CREATE TRIGGER told_after_delete AFTER DELETE ON single_case_grant
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('holder');

-- ── Who may see them, and take which step ──────────────────────────────────────────────────────────────────────────────

-- Compartments that the viewer holds, for whatever operation. A citizen holds none.
CREATE FUNCTION held_compartments() RETURNS text[]
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN CASE WHEN nullif(current_setting('sluse.person_kind', true), '') <> 'Citizen' THEN
    coalesce(nullif(current_setting('sluse.sees', true), '')::text[], '{}')
    || coalesce(nullif(current_setting('sluse.enters', true), '')::text[], '{}')
    || coalesce(nullif(current_setting('sluse.deletes', true), '')::text[], '{}') END;

ALTER TABLE single_case_compartment ENABLE ROW LEVEL SECURITY;
ALTER TABLE single_case_compartment FORCE ROW LEVEL SECURITY;
CREATE POLICY those_who_hold_it ON single_case_compartment FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND compartment = ANY ((SELECT held_compartments())::text[])
  );
-- Who opened it knows that it was opened.
CREATE POLICY those_who_opened_it ON single_case_compartment FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND opened_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
CREATE POLICY opened ON single_case_compartment FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND opened_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND municipality || '.' || authority || '.' || category
        = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
GRANT SELECT, INSERT ON single_case_compartment TO :room;

ALTER TABLE single_case_grant ENABLE ROW LEVEL SECURITY;
ALTER TABLE single_case_grant FORCE ROW LEVEL SECURITY;
CREATE POLICY those_who_hold_it ON single_case_grant FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND compartment = ANY ((SELECT held_compartments())::text[])
  );
CREATE POLICY signing_in ON single_case_grant FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
-- Requested by somebody who holds it, for somebody else; or given to the two who open it.
CREATE POLICY requested ON single_case_grant FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND requested_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND compartment = ANY ((SELECT held_compartments())::text[])
    AND holder <> requested_by AND status = 'REQUESTED' AND decided_by IS NULL AND NOT opening
    AND EXISTS (SELECT FROM employee e
      WHERE e.municipality = single_case_grant.municipality AND e.id = holder AND e.organisation = unit AND e.left_at IS NULL)
  );
-- Given to the two who open it, once: the key below refuses each of them a second grant by opening it.
CREATE POLICY opened ON single_case_grant FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND requested_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND status = 'IN_FORCE' AND opening
    AND EXISTS (SELECT FROM single_case_compartment c
      WHERE c.municipality = single_case_grant.municipality AND c.compartment = single_case_grant.compartment
        AND c.opened_by = requested_by AND c.opened_at = requested_at
        AND holder IN (c.opened_by, c.opened_with) AND decided_by IN (c.opened_by, c.opened_with) AND decided_by <> holder
        AND confirm_by = six_months_after(c.opened_at))
  );
CREATE UNIQUE INDEX single_case_grant_of_opening ON single_case_grant (municipality, compartment, holder) WHERE opening;
CREATE POLICY as_stepped ON single_case_grant FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND compartment = ANY ((SELECT held_compartments())::text[])
  )
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND single_case_as_stepped(municipality, compartment, id, status, decided_by, confirm_by)
  );
GRANT SELECT, INSERT, UPDATE (status, decided_by, confirm_by) ON single_case_grant TO :room;

ALTER TABLE single_case_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE single_case_step FORCE ROW LEVEL SECURITY;
CREATE POLICY those_who_hold_it ON single_case_step FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND compartment = ANY ((SELECT held_compartments())::text[])
  );
CREATE POLICY signing_in ON single_case_step FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
-- By another one who holds it: whoever leads the unit may not know of it.
CREATE POLICY taken ON single_case_step FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND taken_by::text = (SELECT nullif(current_setting('sluse.person', true), ''))
    AND number = next_single_case_step(municipality, compartment, grant_id)
    AND compartment = ANY ((SELECT held_compartments())::text[])
    AND EXISTS (SELECT FROM single_case_grant g
      WHERE g.municipality = single_case_step.municipality AND g.compartment = single_case_step.compartment AND g.id = grant_id
        AND CASE
          WHEN step IN ('GIVEN', 'REFUSED') THEN g.status = 'REQUESTED' AND g.holder <> taken_by AND g.requested_by <> taken_by
          WHEN step = 'CONFIRMED' THEN g.status = 'IN_FORCE' AND g.holder <> taken_by
          WHEN step = 'WITHDRAWN' THEN g.status IN ('REQUESTED', 'IN_FORCE', 'WAITING_FOR_COURSE')
          ELSE false
        END)
  );
GRANT SELECT, INSERT ON single_case_step TO :room;

-- ── A change of unit ends all grants ───────────────────────────────────────────────────────────────────────────────────

-- So does leaving: whoever comes back asks anew. The register's import moves people as the owner, a sign-in as the room.
CREATE POLICY the_register ON grant_step FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  );
CREATE POLICY the_register_moves ON grant_step FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
    AND step IN ('MOVED', 'LEFT') AND number = next_grant_step(municipality, grant_id)
  );
CREATE POLICY the_register_moves ON single_case_step FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
    AND step IN ('MOVED', 'LEFT') AND number = next_single_case_step(municipality, compartment, grant_id)
  );
CREATE POLICY the_register_moves ON single_case_grant FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  )
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND single_case_as_stepped(municipality, compartment, id, status, decided_by, confirm_by)
  );

CREATE FUNCTION end_grants_of_who_moved() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO grant_step (municipality, grant_id, number, step, taken_at)
    SELECT g.municipality, g.id, next_grant_step(g.municipality, g.id), moved.step, clock_timestamp()
      FROM (SELECT n.municipality, n.id, CASE WHEN n.left_at IS NULL THEN 'MOVED' ELSE 'LEFT' END AS step
              FROM was o JOIN became n ON n.municipality = o.municipality AND n.id = o.id
             WHERE n.organisation <> o.organisation OR (o.left_at IS NULL AND n.left_at IS NOT NULL)) moved
      JOIN clearance_grant g ON g.municipality = moved.municipality AND g.holder = moved.id
     WHERE g.status IN ('REQUESTED', 'IN_FORCE', 'WAITING_FOR_COURSE');
  INSERT INTO single_case_step (municipality, compartment, grant_id, number, step, taken_at)
    SELECT g.municipality, g.compartment, g.id, next_single_case_step(g.municipality, g.compartment, g.id), moved.step,
           clock_timestamp()
      FROM (SELECT n.municipality, n.id, CASE WHEN n.left_at IS NULL THEN 'MOVED' ELSE 'LEFT' END AS step
              FROM was o JOIN became n ON n.municipality = o.municipality AND n.id = o.id
             WHERE n.organisation <> o.organisation OR (o.left_at IS NULL AND n.left_at IS NOT NULL)) moved
      JOIN single_case_grant g ON g.municipality = moved.municipality AND g.holder = moved.id
     WHERE g.status IN ('REQUESTED', 'IN_FORCE', 'WAITING_FOR_COURSE');
  RETURN NULL;
END $$;
CREATE TRIGGER grants_end AFTER UPDATE ON employee
  REFERENCING OLD TABLE AS was NEW TABLE AS became FOR EACH STATEMENT EXECUTE FUNCTION end_grants_of_who_moved();
