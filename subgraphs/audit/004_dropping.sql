-- Dropping a month keeps nobody waiting, and can be asked about before it is told of.

-- Refuses a month that did not end six whole months ago by this server's clock, whatever the room's clock says.
CREATE FUNCTION check_expired(of_municipality text, of_month text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF of_municipality !~ '^\d{4}$' OR of_month !~ '^\d{4}-(0[1-9]|1[0-2])$'
     OR clock_timestamp() AT TIME ZONE 'UTC' < to_date(of_month, 'YYYY-MM') + interval '7 months' THEN
    RAISE EXCEPTION 'expected a month that ended at least six months ago' USING ERRCODE = '22023';
  END IF;
END $$;
REVOKE ALL ON FUNCTION check_expired FROM PUBLIC;
GRANT EXECUTE ON FUNCTION check_expired TO :room;

-- Drops the entries of a month. Whoever asks, and whatever the room's clock says: not before six whole months have passed since
-- its end, by this server's clock. Checkpoints and subtrees stay; they hold hashes of salted leaves only.
CREATE OR REPLACE FUNCTION drop_month(of_municipality text, of_month text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE parent text; part text;
BEGIN
  PERFORM check_expired(of_municipality, of_month);
  -- Rather later than keep anybody waiting behind one who reads for long: what is appended meanwhile queues behind this. The
  -- ledger tries again every minute.
  PERFORM set_config('lock_timeout', '100ms', true);
  PERFORM pg_advisory_xact_lock(hashtext('sluse log ' || of_municipality));
  PERFORM set_config('sluse.municipality', of_municipality, true), set_config('sluse.task', 'ledger', true);
  UPDATE log SET closed_at = coalesce(closed_at, clock_timestamp()), dropped_at = clock_timestamp()
  WHERE municipality = of_municipality AND month = of_month AND dropped_at IS NULL;
  UPDATE sealed_log SET closed_at = coalesce(closed_at, clock_timestamp()), dropped_at = clock_timestamp()
  WHERE municipality = of_municipality AND month = of_month AND dropped_at IS NULL;
  FOREACH parent IN ARRAY ARRAY['entry', 'entry_citizen', 'entry_mention', 'operation',
                                'sealed_entry', 'sealed_entry_citizen', 'sealed_entry_mention', 'sealed_operation'] LOOP
    part := format('%s_%s_%s', parent, of_municipality, replace(of_month, '-', '_'));
    CONTINUE WHEN to_regclass(part) IS NULL;
    EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, part);
    EXECUTE format('DROP TABLE %I', part);
  END LOOP;
END $$;
