-- Appending in one statement: each exchange with the server costs more than the rows of a whole flush, and an answer waits for
-- all of them. What the policies ask for is set here, for this transaction; whoever calls holds the room's role already.
CREATE FUNCTION append_entries(of_municipality text, operations json, entries json, sealed json) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM set_config('sluse.municipality', of_municipality, true), set_config('sluse.task', 'append', true);
  IF operations IS NOT NULL THEN
    INSERT INTO operation SELECT * FROM json_populate_recordset(NULL::operation, operations)
    ORDER BY hash -- one order for all, or two flushes could wait for each other
    ON CONFLICT DO NOTHING;
  END IF;
  IF entries IS NOT NULL THEN
    INSERT INTO entry SELECT * FROM json_populate_recordset(NULL::entry, entries) ON CONFLICT DO NOTHING;
  END IF;
  IF sealed IS NOT NULL THEN
    INSERT INTO sealed_entry SELECT * FROM json_populate_recordset(NULL::sealed_entry, sealed) ON CONFLICT DO NOTHING;
  END IF;
END $$;
REVOKE ALL ON FUNCTION append_entries FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_entries TO :room;
