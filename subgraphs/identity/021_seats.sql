-- Who has left, or does not work for the receiver any more, is on its powers of attorney no more (Datasikkerhed i
-- borgerservicecentre §3.3). Their seat was unusable before; but whoever came back found it as it had been, without anybody
-- who added and marked them anew.

-- A step that the register takes is nobody's.
ALTER TABLE power_step
  ALTER COLUMN taken_by DROP NOT NULL,
  ADD CHECK (taken_by IS NOT NULL OR step = 'REMOVED');

-- Nobody is added who has left. Viewers see leavers, because cases and the log name them.
CREATE OR REPLACE FUNCTION works_for(of_municipality text, worker uuid, receiver uuid) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT EXISTS (
    SELECT FROM employee
      JOIN organisation unit ON unit.municipality = employee.municipality AND unit.id = employee.organisation
      JOIN organisation whole ON whole.municipality = employee.municipality AND whole.id = works_for.receiver
     WHERE employee.municipality = of_municipality AND employee.id = worker AND employee.left_at IS NULL
       AND (unit.id = whole.id OR (whole.p_number IS NULL AND unit.cvr = whole.cvr)))
$$;

-- The register's import moves people as the owner, a sign-in as the room.
CREATE POLICY the_register_removes ON power_step FOR INSERT TO :room WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'session'
  AND step = 'REMOVED' AND taken_by IS NULL AND number = next_step(municipality, power)
  AND seat(municipality, power, employee) <> 'REMOVED'
);

-- Takes the seats of these employees on powers whose receiver they do not work for. Several may sit on one power.
CREATE FUNCTION end_seats(of_municipality text, employees uuid[]) RETURNS void
  LANGUAGE sql SET search_path FROM CURRENT AS $$
  INSERT INTO power_step (municipality, power, number, giver, receiver, step, employee, taken_at)
  SELECT p.municipality, p.id,
         next_step(p.municipality, p.id) + row_number() OVER (PARTITION BY p.id ORDER BY seated.employee) - 1,
         p.giver, p.receiver, 'REMOVED', seated.employee, clock_timestamp()
    FROM (SELECT DISTINCT s.power, s.employee FROM power_step s
           WHERE s.municipality = of_municipality AND s.employee = ANY (employees)) seated
    JOIN power_of_attorney p ON p.municipality = of_municipality AND p.id = seated.power
   WHERE seat(of_municipality, p.id, seated.employee) <> 'REMOVED'
     AND NOT works_for(of_municipality, seated.employee, p.receiver)
$$;

CREATE FUNCTION end_seats_of_who_moved() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM end_seats(moved.municipality, array_agg(moved.id))
     FROM (SELECT n.municipality, n.id FROM was o JOIN became n ON n.municipality = o.municipality AND n.id = o.id
            WHERE n.organisation <> o.organisation OR (o.left_at IS NULL AND n.left_at IS NOT NULL)) moved
    GROUP BY moved.municipality;
  RETURN NULL;
END $$;
CREATE TRIGGER seats_end AFTER UPDATE ON employee
  REFERENCING OLD TABLE AS was NEW TABLE AS became FOR EACH STATEMENT EXECUTE FUNCTION end_seats_of_who_moved();

-- Seats of those who had left or moved before this version.
ALTER TABLE power_step NO FORCE ROW LEVEL SECURITY;
ALTER TABLE power_of_attorney NO FORCE ROW LEVEL SECURITY;
ALTER TABLE employee NO FORCE ROW LEVEL SECURITY;
ALTER TABLE organisation NO FORCE ROW LEVEL SECURITY;
SELECT end_seats(s.municipality, array_agg(DISTINCT s.employee))
  FROM power_step s WHERE s.employee IS NOT NULL GROUP BY s.municipality;
ALTER TABLE organisation FORCE ROW LEVEL SECURITY;
ALTER TABLE employee FORCE ROW LEVEL SECURITY;
ALTER TABLE power_of_attorney FORCE ROW LEVEL SECURITY;
ALTER TABLE power_step FORCE ROW LEVEL SECURITY;
