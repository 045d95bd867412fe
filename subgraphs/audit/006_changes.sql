-- Changes that were begun, and what became of each: written with the entry that begins it and with the entry that follows it, so
-- that none can be without an end for long. Sealed ones lie apart, as their entries do. And keys under which a caller may send the
-- same change twice, and have it made once.

DO $$
DECLARE part regclass; parent regclass;
BEGIN
  FOREACH parent IN ARRAY ARRAY['entry'::regclass, 'sealed_entry'::regclass] LOOP
    -- The parent first, then partitions that hold the condition in their own right.
    FOR part IN SELECT parent UNION ALL SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = parent LOOP
      EXECUTE (
        SELECT coalesce(string_agg(format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I;', part, conname), ' '), 'SELECT')
          FROM pg_constraint
         WHERE conrelid = part AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%PARTLY_DENIED%');
    END LOOP;
  END LOOP;
END $$;
ALTER TABLE entry ADD CONSTRAINT entry_outcome
  CHECK (outcome IN ('BEGUN', 'ANSWERED', 'PARTLY_DENIED', 'DENIED', 'FAILED', 'MADE', 'NOT_MADE'));
ALTER TABLE sealed_entry ADD CONSTRAINT sealed_entry_outcome
  CHECK (outcome IN ('BEGUN', 'ANSWERED', 'PARTLY_DENIED', 'DENIED', 'FAILED', 'MADE', 'NOT_MADE'));

CREATE TABLE change_outcome (
  municipality text COLLATE "C" NOT NULL,
  -- Id of the entry by which it was begun, and the log in which that stands.
  entry        uuid NOT NULL,
  log          text COLLATE "C" NOT NULL,
  actor_id     text COLLATE "C",
  -- Root fields: which rooms know of it. Empty where they are not known.
  fields       text[] NOT NULL,
  state        text NOT NULL CHECK (state IN ('OPEN', 'MADE', 'NOT_MADE')),
  since        timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  -- When somebody last tried to find out.
  tried_at     timestamptz(3),
  PRIMARY KEY (municipality, entry)
);
CREATE INDEX change_outcome_open ON change_outcome (municipality, since) WHERE state = 'OPEN';
CREATE INDEX change_outcome_by_time ON change_outcome (municipality, since);
ALTER TABLE change_outcome ENABLE ROW LEVEL SECURITY;
ALTER TABLE change_outcome FORCE ROW LEVEL SECURITY;
-- Whoever made the change; and the security officer.
CREATE POLICY asker ON change_outcome FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    actor_id = (SELECT nullif(current_setting('sluse.person', true), ''))
    OR ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
  )
);
CREATE POLICY task ON change_outcome USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) IN ('append', 'settle')
);
GRANT SELECT, INSERT, UPDATE (state, tried_at), DELETE ON change_outcome TO :room;

CREATE TABLE sealed_change_outcome (
  municipality text COLLATE "C" NOT NULL,
  entry        uuid NOT NULL,
  log          text COLLATE "C" NOT NULL,
  actor_id     text COLLATE "C",
  fields       text[] NOT NULL,
  state        text NOT NULL CHECK (state IN ('OPEN', 'MADE', 'NOT_MADE')),
  since        timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  tried_at     timestamptz(3),
  sealed_by    text[] NOT NULL CHECK (sealed_by <> '{}'),
  PRIMARY KEY (municipality, entry)
);
CREATE INDEX sealed_change_outcome_open ON sealed_change_outcome (municipality, since) WHERE state = 'OPEN';
CREATE INDEX sealed_change_outcome_by_time ON sealed_change_outcome (municipality, since);
ALTER TABLE sealed_change_outcome ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_change_outcome FORCE ROW LEVEL SECURITY;
-- Whoever made the change knows of it; of the others those who are cleared for the whole seal.
CREATE POLICY asker ON sealed_change_outcome FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    actor_id = (SELECT nullif(current_setting('sluse.person', true), ''))
    OR (
      ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
      AND sealed_by <@ (SELECT nullif(current_setting('sluse.sees', true), '')::text[])
    )
  )
);
CREATE POLICY task ON sealed_change_outcome USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) IN ('append', 'settle')
);
GRANT SELECT, INSERT, UPDATE (state, tried_at), DELETE ON sealed_change_outcome TO :room;

-- Notes the changes that a flush of a log begins (`begun`) and ends (`ended`), in the flush's own transaction. An end may lie under
-- another seal than its beginning, so it is looked for in both storages.
CREATE FUNCTION note_changes(
  of_municipality text, of_log text, of_seal text[], begun uuid[], actors text[], fields text[], ended uuid[], states text[]
) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM set_config('sluse.municipality', of_municipality, true), set_config('sluse.task', 'append', true);
  IF cardinality(begun) > 0 AND of_seal = '{}' THEN
    INSERT INTO change_outcome (municipality, entry, log, actor_id, fields, state)
    SELECT of_municipality, b.entry, of_log, b.actor, string_to_array(b.fields, ','), 'OPEN'
    FROM unnest(begun, actors, fields) AS b (entry, actor, fields) ON CONFLICT DO NOTHING;
  ELSIF cardinality(begun) > 0 THEN
    INSERT INTO sealed_change_outcome (municipality, entry, log, actor_id, fields, state, sealed_by)
    SELECT of_municipality, b.entry, of_log, b.actor, string_to_array(b.fields, ','), 'OPEN', of_seal
    FROM unnest(begun, actors, fields) AS b (entry, actor, fields) ON CONFLICT DO NOTHING;
  END IF;
  IF cardinality(ended) > 0 THEN
    UPDATE change_outcome o SET state = e.state FROM unnest(ended, states) AS e (entry, state)
    WHERE o.municipality = of_municipality AND o.entry = e.entry AND o.state = 'OPEN';
    UPDATE sealed_change_outcome o SET state = e.state FROM unnest(ended, states) AS e (entry, state)
    WHERE o.municipality = of_municipality AND o.entry = e.entry AND o.state = 'OPEN';
  END IF;
END $$;
REVOKE ALL ON FUNCTION note_changes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION note_changes TO :room;

-- What ends a change says all that its beginning says.
CREATE POLICY settle ON entry FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'settle'
);
CREATE POLICY settle ON operation FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'settle'
);
CREATE POLICY settle ON sealed_entry FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'settle'
);
CREATE POLICY settle ON sealed_operation FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'settle'
);

-- Keys of changes (`Idempotency-Key`), for a day. What is kept of a key and of its operation are digests under the key itself, and the
-- answer is encrypted under it: only whoever sends the key again can have it.
CREATE TABLE change_key (
  municipality text COLLATE "C" NOT NULL,
  -- SHA-256 of who sent it and the key.
  key          text COLLATE "C" NOT NULL CHECK (key ~ '^[0-9a-f]{64}$'),
  -- HMAC of the operation and its variables.
  request      text COLLATE "C" NOT NULL CHECK (request ~ '^[0-9a-f]{64}$'),
  -- By which the change was begun that holds the key.
  entry        uuid NOT NULL,
  answer       text,
  at           timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (municipality, key)
);
CREATE INDEX change_key_by_time ON change_key (municipality, at);
ALTER TABLE change_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE change_key FORCE ROW LEVEL SECURITY;
CREATE POLICY task ON change_key USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) IN ('change-keys', 'settle')
);
GRANT SELECT, INSERT, UPDATE (request, entry, answer, at), DELETE ON change_key TO :room;
CREATE POLICY key_holder ON change_outcome FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'change-keys'
);
CREATE POLICY key_holder ON sealed_change_outcome FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'change-keys'
);
