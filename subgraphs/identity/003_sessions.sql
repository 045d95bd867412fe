-- Sessions that an identity provider opened, what a session acts under, and the order in which access changed.

-- The power of attorney acted under; and what the identity provider calls the person and its own session, by which a
-- log-out that begins there is told.
ALTER TABLE session ADD COLUMN power_of_attorney uuid;
ALTER TABLE session ADD COLUMN name_id text;
ALTER TABLE session ADD COLUMN session_index text;
CREATE INDEX session_by_person ON session (municipality, person) WHERE closed_at IS NULL;
CREATE INDEX session_by_name_id ON session (municipality, name_id) WHERE closed_at IS NULL;
GRANT UPDATE (power_of_attorney) ON session TO :room;

-- ── What changed, in the order of commits ──────────────────────────────────────────────────────────────────────────────

-- A gateway believes what it was told of a session until it hears that the person's access changed. So each change has a
-- number, and numbers must become visible in their order: the counter's row is locked until the change commits, and no
-- reader can see a number before a smaller one.
CREATE TABLE access_revision (
  municipality text PRIMARY KEY,
  revision bigint NOT NULL
);
ALTER TABLE access_revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_revision FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_municipality ON access_revision TO :room
  USING (municipality = (SELECT nullif(current_setting('sluse.municipality', true), '')));
GRANT SELECT, INSERT, UPDATE (revision) ON access_revision TO :room;

CREATE TABLE access_change (
  municipality text NOT NULL,
  revision bigint NOT NULL,
  -- Whose access changed, for the better or the worse. Nobody is told which.
  person uuid NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (municipality, revision, person)
);
CREATE INDEX access_change_by_time ON access_change (municipality, changed_at);
ALTER TABLE access_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_change FORCE ROW LEVEL SECURITY;
CREATE POLICY of_the_municipality ON access_change TO :room
  USING (municipality = (SELECT nullif(current_setting('sluse.municipality', true), '')));
GRANT SELECT, INSERT, DELETE ON access_change TO :room;

-- For every trigger that changes access, in this file and in later ones.
CREATE FUNCTION tell_access_change(of_municipality text, persons uuid[]) RETURNS void
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  next bigint;
BEGIN
  IF coalesce(cardinality(persons), 0) = 0 THEN
    RETURN;
  END IF;
  INSERT INTO access_revision AS known VALUES (of_municipality, 1)
    ON CONFLICT (municipality) DO UPDATE SET revision = known.revision + 1
    RETURNING revision INTO next;
  INSERT INTO access_change (municipality, revision, person)
    SELECT DISTINCT of_municipality, next, person FROM unnest(persons) AS person;
  -- A gateway that was away for longer believes nothing of before.
  DELETE FROM access_change
    WHERE municipality = of_municipality AND changed_at < clock_timestamp() - interval '1 hour';
END $$;

-- Of a statement on a table whose column (the argument) names the person. The transition table is called `changed`.
CREATE FUNCTION access_changed() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  told record;
BEGIN
  FOR told IN EXECUTE
    format('SELECT municipality, array_agg(DISTINCT %I) AS persons FROM changed GROUP BY municipality', TG_ARGV[0])
  LOOP
    PERFORM tell_access_change(told.municipality, told.persons);
  END LOOP;
  RETURN NULL;
END $$;

CREATE TRIGGER told_after_insert AFTER INSERT ON right_assignment
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('employee');
CREATE TRIGGER told_after_update AFTER UPDATE ON right_assignment
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('employee');
CREATE TRIGGER told_after_delete AFTER DELETE ON right_assignment
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('employee');

CREATE TRIGGER told_after_insert AFTER INSERT ON clearance_grant
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('holder');
CREATE TRIGGER told_after_update AFTER UPDATE ON clearance_grant
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('holder');
CREATE TRIGGER told_after_delete AFTER DELETE ON clearance_grant
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('holder');

CREATE TRIGGER told_after_update AFTER UPDATE ON employee
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('id');
CREATE TRIGGER told_after_delete AFTER DELETE ON employee
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('id');
CREATE TRIGGER told_after_delete AFTER DELETE ON citizen
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('id');
CREATE TRIGGER told_after_update AFTER UPDATE ON system_client
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('id');
CREATE TRIGGER told_after_delete AFTER DELETE ON system_client
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION access_changed('id');

-- By row, because being used (`last_used_at` moves on) is no change of access and must not be told.
CREATE FUNCTION session_changed() RETURNS trigger
  LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM tell_access_change(OLD.municipality, ARRAY[OLD.person]);
  RETURN NULL;
END $$;
CREATE TRIGGER told_after_update AFTER UPDATE ON session FOR EACH ROW
  WHEN (NEW.last_used_at < OLD.last_used_at
        OR (NEW.closed_at, NEW.right_code, NEW.power_of_attorney, NEW.expires_at, NEW.authenticated_at, NEW.assurance)
           IS DISTINCT FROM
           (OLD.closed_at, OLD.right_code, OLD.power_of_attorney, OLD.expires_at, OLD.authenticated_at, OLD.assurance))
  EXECUTE FUNCTION session_changed();
CREATE TRIGGER told_after_delete AFTER DELETE ON session FOR EACH ROW EXECUTE FUNCTION session_changed();
