-- What became of the changes that this room was asked for. The log's entry by which a change was begun is noted in the transaction
-- of the change itself, so that there is one without the other never. Whoever asks later closes the entry with the same row: a change
-- that is still under way is waited for, and one that has not come by then can never be made. Whoever comes first wins.
--
-- A change by somebody who is cleared for a shielded compartment is noted apart: a transaction of anybody else does not even name that table.
--
-- A transaction sees the row of its own change, and no other.

CREATE TABLE change_made (
  municipality text COLLATE "C" NOT NULL CHECK (municipality ~ '^\d{4}$'),
  -- Id of the log's entry by which the change was begun.
  entry        uuid NOT NULL,
  at           timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  -- What became of it has been told: nothing is made under this entry any more.
  closed       boolean NOT NULL,
  -- Root fields of the operation, by the keys of its answer, that were made.
  parts        text[] NOT NULL,
  -- What they were about.
  cases        text[] NOT NULL DEFAULT '{}',
  citizens     text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (municipality, entry)
);
CREATE INDEX change_made_by_time ON change_made (municipality, at);
ALTER TABLE change_made ENABLE ROW LEVEL SECURITY;
ALTER TABLE change_made FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON change_made TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND entry = (SELECT nullif(current_setting('sluse.change', true), '')::uuid)
);
-- What nobody can ask for any more.
CREATE POLICY forgotten ON change_made TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'forget-changes'
  AND at < (SELECT clock_timestamp() - interval '60 days')
);
GRANT SELECT, INSERT, UPDATE (closed, parts, cases, citizens), DELETE ON change_made TO :room;

CREATE TABLE shielded_change_made (
  municipality text COLLATE "C" NOT NULL CHECK (municipality ~ '^\d{4}$'),
  entry        uuid NOT NULL,
  at           timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  closed       boolean NOT NULL,
  parts        text[] NOT NULL,
  cases        text[] NOT NULL DEFAULT '{}',
  citizens     text[] NOT NULL DEFAULT '{}',
  -- Shielded compartments of those cases: what seals an entry that names them.
  compartments text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (municipality, entry)
);
CREATE INDEX shielded_change_made_by_time ON shielded_change_made (municipality, at);
ALTER TABLE shielded_change_made ENABLE ROW LEVEL SECURITY;
ALTER TABLE shielded_change_made FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON shielded_change_made TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND entry = (SELECT nullif(current_setting('sluse.change', true), '')::uuid)
);
CREATE POLICY forgotten ON shielded_change_made TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'forget-changes'
  AND at < (SELECT clock_timestamp() - interval '60 days')
);
GRANT SELECT, INSERT, UPDATE (closed, parts, cases, citizens, compartments), DELETE ON shielded_change_made TO :room;

-- Notes, in the transaction of a change, that it is made. False: the entry is closed, and the change must not be made.
CREATE FUNCTION make_change(of_municipality text, of_entry uuid, part text, is_cleared boolean) RETURNS boolean
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM set_config('sluse.change', of_entry::text, true);
  IF is_cleared THEN
    INSERT INTO shielded_change_made AS made (municipality, entry, closed, parts)
    VALUES (of_municipality, of_entry, false, ARRAY[part])
    ON CONFLICT (municipality, entry) DO UPDATE SET parts = made.parts || part WHERE NOT made.closed;
  ELSE
    INSERT INTO change_made AS made (municipality, entry, closed, parts)
    VALUES (of_municipality, of_entry, false, ARRAY[part])
    ON CONFLICT (municipality, entry) DO UPDATE SET parts = made.parts || part WHERE NOT made.closed;
  END IF;
  RETURN FOUND;
END $$;

-- Notes, in the same transaction, what the change was about.
CREATE FUNCTION describe_change(
  of_municipality text, of_entry uuid, is_cleared boolean, of_cases text[], of_citizens text[], of_compartments text[]
) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF is_cleared THEN
    UPDATE shielded_change_made SET cases = cases || of_cases, citizens = citizens || of_citizens,
                                    compartments = compartments || of_compartments
    WHERE municipality = of_municipality AND entry = of_entry;
  ELSE
    UPDATE change_made SET cases = cases || of_cases, citizens = citizens || of_citizens
    WHERE municipality = of_municipality AND entry = of_entry;
  END IF;
END $$;

-- What was made under an entry; from here on nothing more is.
CREATE FUNCTION close_change(of_municipality text, of_entry uuid)
RETURNS TABLE (parts text[], cases text[], citizens text[], compartments text[])
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('sluse.change', of_entry::text, true);
  INSERT INTO change_made (municipality, entry, closed, parts) VALUES (of_municipality, of_entry, true, '{}')
  ON CONFLICT (municipality, entry) DO UPDATE SET closed = true;
  INSERT INTO shielded_change_made (municipality, entry, closed, parts) VALUES (of_municipality, of_entry, true, '{}')
  ON CONFLICT (municipality, entry) DO UPDATE SET closed = true;
  RETURN QUERY
    SELECT o.parts || s.parts, o.cases || s.cases, o.citizens || s.citizens, s.compartments
    FROM change_made o JOIN shielded_change_made s USING (municipality, entry)
    WHERE o.municipality = of_municipality AND o.entry = of_entry;
END $$;

REVOKE ALL ON FUNCTION make_change, describe_change, close_change FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_change, describe_change, close_change TO :room;
