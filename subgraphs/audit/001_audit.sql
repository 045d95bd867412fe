-- The log of who looked at what (sikkerhedsbekendtgørelsen §19). Appended in groups; never changed; dropped month by month.
--
-- A **log** is one append-only list of entries with a Merkle tree over them: one per municipality and month, named
-- `0999/2026-11`, and beside it one per month and seal for the entries that lie under that seal, named
-- `0999/2026-11/<hash of the seal>`. Each log has sizes, checkpoints and proofs of its own, so that the size of none tells of
-- another. What an entry says stands in `leaf`, once, as the canonical JSON (RFC 8785) over which the tree is built; all other
-- columns and tables repeat parts of it, so that entries can be found.
--
-- Two storages. An entry whose operation searched a shielded compartment tells by its mere presence that there was
-- something to look for, so it lies in `sealed_*`, which a reader without shielded clearance never names (row-level
-- security alone can be told apart by the clock). Row-level security stands behind that as the second wall. Nothing spans
-- the two: no constraint, no sequence, no shared row.
--
-- Every table of entries is partitioned by month: what has expired is dropped, not deleted, and is really gone.
--
-- What is a key has the collation "C": nobody reads it in alphabetical order, and bytes are cheaper to compare than words.
--
-- Ids of persons, cases and organisations belong to other rooms and are text here: whatever an answer disclosed must be
-- loggable, also an id that its owner never made. Every filter is a plain comparison of uuid, text or time, because under
-- row-level security only leakproof operators may use an index (`@>` on an array may not).

-- ── ordinary logs ─────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE log (
  municipality text COLLATE "C" NOT NULL,
  name         text COLLATE "C" NOT NULL,
  -- `2026-11`, in UTC.
  month        text COLLATE "C" NOT NULL CHECK (month ~ '^\d{4}-\d\d$'),
  -- Number of entries. Its row lock is what puts the flushes of all replicas in one order.
  size         bigint NOT NULL DEFAULT 0,
  opened_at    timestamptz(3) NOT NULL,
  -- A later month has begun: nothing is appended any more.
  closed_at    timestamptz(3),
  -- Its entries were dropped, after their retention.
  dropped_at   timestamptz(3),
  PRIMARY KEY (municipality, name)
);
ALTER TABLE log ENABLE ROW LEVEL SECURITY;
ALTER TABLE log FORCE ROW LEVEL SECURITY;
-- The security officer's scope, in the officer's own municipality; and the room's own tasks.
CREATE POLICY reader ON log FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
    OR (SELECT nullif(current_setting('sluse.task', true), '')) IN ('append', 'ledger')
  )
);
-- The ledger signs the logs of all municipalities, and has to know which there are.
CREATE POLICY list ON log FOR SELECT USING (
  (SELECT nullif(current_setting('sluse.municipality', true), '')) = '*'
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
);
CREATE POLICY append ON log FOR UPDATE USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) IN ('append', 'ledger')
);
CREATE POLICY open ON log FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
);
-- Nothing but the size: opening, closing and dropping are done by the functions at the end.
GRANT SELECT, UPDATE (size) ON log TO :room;

CREATE TABLE entry (
  municipality   text COLLATE "C" NOT NULL,
  log            text COLLATE "C" NOT NULL,
  -- Place in the log, from 0: the index of the leaf.
  seq            bigint NOT NULL,
  id             uuid NOT NULL,
  at             timestamptz(3) NOT NULL,
  actor_id       text COLLATE "C",
  use            text NOT NULL CHECK (use IN ('SEARCH', 'READ', 'ENTER', 'CHANGE', 'DELETE', 'EXTRACT')),
  outcome        text NOT NULL CHECK (outcome IN ('BEGUN', 'ANSWERED', 'PARTLY_DENIED', 'DENIED', 'FAILED')),
  operation_hash text NOT NULL,
  operation_name text,
  -- A sealed entry that strays into the ordinary storage is refused rather than shown.
  leaf           text NOT NULL CHECK (leaf LIKE '%,"sealedBy":[],%'),
  PRIMARY KEY (municipality, log, seq)
) PARTITION BY LIST (log);
-- An entry that is appended twice is there once.
CREATE UNIQUE INDEX entry_id ON entry (municipality, log, id);
CREATE INDEX entry_newest ON entry (municipality, at, id);
CREATE INDEX entry_by_actor ON entry (municipality, actor_id, at, id);
CREATE INDEX entry_rejected ON entry (municipality, at, id) WHERE outcome IN ('DENIED', 'FAILED');

ALTER TABLE entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry FORCE ROW LEVEL SECURITY;
-- The security officer; and the ledger itself, which signs what is there.
CREATE POLICY reader ON entry FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
    OR (SELECT nullif(current_setting('sluse.task', true), '')) IN ('append', 'ledger')
  )
);
-- Only the room itself appends, and no viewer is set while it does. No UPDATE, no DELETE: not granted, no policy.
CREATE POLICY append ON entry FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON entry TO :room;

-- Whom ordinary entries are about: finds a citizen's entries whatever the size of the log, and is all that the citizen's
-- own view reads. Written with the entry, so that it cannot fall behind the log.
CREATE TABLE entry_citizen (
  municipality text COLLATE "C" NOT NULL,
  log          text COLLATE "C" NOT NULL,
  citizen      text COLLATE "C" NOT NULL,
  at           timestamptz(3) NOT NULL,
  entry        uuid NOT NULL,
  organisation text,
  use          text NOT NULL,
  purpose      text,
  -- Who looked; only where the municipality had decided that citizens may know.
  employee     text,
  -- Whether the citizen's own view has it: something was disclosed, and to somebody else. A failed operation that names
  -- a citizen did disclose: otherwise one failing field beside a look-up would keep the look-up from the citizen.
  shown        boolean NOT NULL,
  -- The entry's place in the log: what the patrol that compares the two goes by.
  seq          bigint NOT NULL,
  PRIMARY KEY (municipality, citizen, at, entry, log)
) PARTITION BY LIST (log);
-- Rows come in this order, so that an index of ranges is next to nothing.
CREATE INDEX entry_citizen_seq ON entry_citizen USING brin (seq) WITH (pages_per_range = 16);
ALTER TABLE entry_citizen ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_citizen FORCE ROW LEVEL SECURITY;
-- The security officer; or the citizen, of whom it tells, those rows that are meant to be told.
CREATE POLICY reader ON entry_citizen FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
    OR (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
    OR (
      shown
      AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
      AND citizen = (SELECT nullif(current_setting('sluse.person', true), ''))
    )
  )
);
CREATE POLICY append ON entry_citizen FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON entry_citizen TO :room;

-- Finds ordinary entries by case, and by a value that was searched for.
CREATE TABLE entry_mention (
  municipality text COLLATE "C" NOT NULL,
  log          text COLLATE "C" NOT NULL,
  kind         text COLLATE "C" NOT NULL CHECK (kind IN ('CASE', 'CRITERION')),
  value        text COLLATE "C" NOT NULL,
  at           timestamptz(3) NOT NULL,
  entry        uuid NOT NULL,
  PRIMARY KEY (municipality, kind, value, at, entry, log)
) PARTITION BY LIST (log);
ALTER TABLE entry_mention ENABLE ROW LEVEL SECURITY;
ALTER TABLE entry_mention FORCE ROW LEVEL SECURITY;
-- As for `entry`.
CREATE POLICY reader ON entry_mention FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
);
CREATE POLICY append ON entry_mention FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON entry_mention TO :room;

-- What entries of one operation would repeat, once a log: its text and the fields that it selects, as canonical JSON under
-- the SHA-256 of that, which is what the leaves name. The log must stay understandable when the client is long gone. Within a log
-- and not beside it: a text may hold a CPR number, and has to go when its entries go.
CREATE TABLE operation (
  municipality text COLLATE "C" NOT NULL,
  log          text COLLATE "C" NOT NULL,
  hash         text COLLATE "C" NOT NULL,
  definition   text NOT NULL,
  PRIMARY KEY (municipality, log, hash)
) PARTITION BY LIST (log);
ALTER TABLE operation ENABLE ROW LEVEL SECURITY;
ALTER TABLE operation FORCE ROW LEVEL SECURITY;
-- As for `entry`.
CREATE POLICY reader ON operation FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
);
CREATE POLICY append ON operation FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON operation TO :room;

-- Signed checkpoints (C2SP tlog-checkpoint): one for each size at which the log was seen. They stay when the entries go.
CREATE TABLE checkpoint (
  municipality text COLLATE "C" NOT NULL,
  log          text COLLATE "C" NOT NULL,
  size         bigint NOT NULL,
  at           timestamptz(3) NOT NULL,
  note         text NOT NULL,
  PRIMARY KEY (municipality, log, size)
);
ALTER TABLE checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE checkpoint FORCE ROW LEVEL SECURITY;
-- The security officer; and the ledger, which signs.
CREATE POLICY reader ON checkpoint FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
    OR (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
  )
);
CREATE POLICY sign ON checkpoint FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
);
GRANT SELECT, INSERT ON checkpoint TO :room;

-- Hashes of full subtrees of 256^level entries, so that neither a root nor a proof needs all leaves.
CREATE TABLE subtree (
  municipality text COLLATE "C" NOT NULL,
  log          text COLLATE "C" NOT NULL,
  level        smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
  index        bigint NOT NULL,
  hash         bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (municipality, log, level, index)
);
ALTER TABLE subtree ENABLE ROW LEVEL SECURITY;
ALTER TABLE subtree FORCE ROW LEVEL SECURITY;
-- As for `checkpoint`.
CREATE POLICY reader ON subtree FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
    OR (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
  )
);
CREATE POLICY sign ON subtree FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
);
GRANT SELECT, INSERT ON subtree TO :room;

-- ── sealed logs: entries of operations that searched a shielded compartment ───────────────────────────────────
-- The same tables again. `period` (`0999/2026-11`) is what they are partitioned by: the sealed logs of a month share partitions.

CREATE TABLE sealed_log (
  municipality text COLLATE "C" NOT NULL,
  name         text COLLATE "C" NOT NULL,
  month        text COLLATE "C" NOT NULL CHECK (month ~ '^\d{4}-\d\d$'),
  size         bigint NOT NULL DEFAULT 0,
  opened_at    timestamptz(3) NOT NULL,
  closed_at    timestamptz(3),
  dropped_at   timestamptz(3),
  sealed_by    text[] NOT NULL CHECK (sealed_by <> '{}'),
  PRIMARY KEY (municipality, name)
);
ALTER TABLE sealed_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_log FORCE ROW LEVEL SECURITY;
-- Cleared for every compartment of the seal; one too few, and the log would tell of the one that is missing.
CREATE POLICY reader ON sealed_log FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    (
      ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
      AND sealed_by <@ (SELECT nullif(current_setting('sluse.sees', true), '')::text[])
    )
    OR (SELECT nullif(current_setting('sluse.task', true), '')) IN ('append', 'ledger')
  )
);
-- As for `log`.
CREATE POLICY list ON sealed_log FOR SELECT USING (
  (SELECT nullif(current_setting('sluse.municipality', true), '')) = '*'
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
);
CREATE POLICY append ON sealed_log FOR UPDATE USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) IN ('append', 'ledger')
);
CREATE POLICY open ON sealed_log FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
);
GRANT SELECT, UPDATE (size) ON sealed_log TO :room;

CREATE TABLE sealed_entry (
  municipality   text COLLATE "C" NOT NULL,
  period         text COLLATE "C" NOT NULL,
  log            text COLLATE "C" NOT NULL,
  seq            bigint NOT NULL,
  id             uuid NOT NULL,
  at             timestamptz(3) NOT NULL,
  actor_id       text COLLATE "C",
  use            text NOT NULL CHECK (use IN ('SEARCH', 'READ', 'ENTER', 'CHANGE', 'DELETE', 'EXTRACT')),
  outcome        text NOT NULL CHECK (outcome IN ('BEGUN', 'ANSWERED', 'PARTLY_DENIED', 'DENIED', 'FAILED')),
  operation_hash text NOT NULL,
  operation_name text,
  leaf           text NOT NULL,
  sealed_by      text[] NOT NULL CHECK (sealed_by <> '{}'),
  PRIMARY KEY (municipality, period, log, seq)
) PARTITION BY LIST (period);
CREATE UNIQUE INDEX sealed_entry_id ON sealed_entry (municipality, log, id, period);
CREATE INDEX sealed_entry_newest ON sealed_entry (municipality, at, id);
CREATE INDEX sealed_entry_by_actor ON sealed_entry (municipality, actor_id, at, id);
CREATE INDEX sealed_entry_rejected ON sealed_entry (municipality, at, id) WHERE outcome IN ('DENIED', 'FAILED');

ALTER TABLE sealed_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_entry FORCE ROW LEVEL SECURITY;
-- As for `sealed_log`.
CREATE POLICY reader ON sealed_entry FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    (
      ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
      AND sealed_by <@ (SELECT nullif(current_setting('sluse.sees', true), '')::text[])
    )
    OR (SELECT nullif(current_setting('sluse.task', true), '')) IN ('append', 'ledger')
  )
);
CREATE POLICY append ON sealed_entry FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON sealed_entry TO :room;

-- Finds sealed entries by citizen. The citizen's own view never reads it, for nobody.
CREATE TABLE sealed_entry_citizen (
  municipality text COLLATE "C" NOT NULL,
  period       text COLLATE "C" NOT NULL,
  citizen      text COLLATE "C" NOT NULL,
  at           timestamptz(3) NOT NULL,
  entry        uuid NOT NULL,
  log          text COLLATE "C" NOT NULL,
  sealed_by    text[] NOT NULL CHECK (sealed_by <> '{}'),
  seq          bigint NOT NULL,
  PRIMARY KEY (municipality, citizen, at, entry, period)
) PARTITION BY LIST (period);
CREATE INDEX sealed_entry_citizen_seq ON sealed_entry_citizen USING brin (seq) WITH (pages_per_range = 16);
ALTER TABLE sealed_entry_citizen ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_entry_citizen FORCE ROW LEVEL SECURITY;
-- As for `sealed_entry`; not the citizen.
CREATE POLICY reader ON sealed_entry_citizen FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    (
      ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
      AND sealed_by <@ (SELECT nullif(current_setting('sluse.sees', true), '')::text[])
    )
    OR (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
  )
);
CREATE POLICY append ON sealed_entry_citizen FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON sealed_entry_citizen TO :room;

CREATE TABLE sealed_entry_mention (
  municipality text COLLATE "C" NOT NULL,
  period       text COLLATE "C" NOT NULL,
  log          text COLLATE "C" NOT NULL,
  kind         text COLLATE "C" NOT NULL CHECK (kind IN ('CASE', 'CRITERION')),
  value        text COLLATE "C" NOT NULL,
  at           timestamptz(3) NOT NULL,
  entry        uuid NOT NULL,
  sealed_by    text[] NOT NULL CHECK (sealed_by <> '{}'),
  PRIMARY KEY (municipality, kind, value, at, entry, period)
) PARTITION BY LIST (period);
ALTER TABLE sealed_entry_mention ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_entry_mention FORCE ROW LEVEL SECURITY;
-- As for `sealed_log`, and for no task.
CREATE POLICY reader ON sealed_entry_mention FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
  AND sealed_by <@ (SELECT nullif(current_setting('sluse.sees', true), '')::text[])
);
CREATE POLICY append ON sealed_entry_mention FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON sealed_entry_mention TO :room;

-- A text kept once for all would be shared across seals.
CREATE TABLE sealed_operation (
  municipality text COLLATE "C" NOT NULL,
  period       text COLLATE "C" NOT NULL,
  log          text COLLATE "C" NOT NULL,
  hash         text COLLATE "C" NOT NULL,
  definition   text NOT NULL,
  sealed_by    text[] NOT NULL CHECK (sealed_by <> '{}'),
  PRIMARY KEY (municipality, period, log, hash)
) PARTITION BY LIST (period);
ALTER TABLE sealed_operation ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_operation FORCE ROW LEVEL SECURITY;
-- As for `sealed_entry_mention`.
CREATE POLICY reader ON sealed_operation FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
  AND sealed_by <@ (SELECT nullif(current_setting('sluse.sees', true), '')::text[])
);
CREATE POLICY append ON sealed_operation FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'append'
);
GRANT SELECT, INSERT ON sealed_operation TO :room;

CREATE TABLE sealed_checkpoint (
  municipality text COLLATE "C" NOT NULL,
  log          text COLLATE "C" NOT NULL,
  size         bigint NOT NULL,
  at           timestamptz(3) NOT NULL,
  note         text NOT NULL,
  sealed_by    text[] NOT NULL CHECK (sealed_by <> '{}'),
  PRIMARY KEY (municipality, log, size)
);
ALTER TABLE sealed_checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_checkpoint FORCE ROW LEVEL SECURITY;
-- As for `sealed_log`, and the ledger.
CREATE POLICY reader ON sealed_checkpoint FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    (
      ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
      AND sealed_by <@ (SELECT nullif(current_setting('sluse.sees', true), '')::text[])
    )
    OR (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
  )
);
CREATE POLICY sign ON sealed_checkpoint FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
);
GRANT SELECT, INSERT ON sealed_checkpoint TO :room;

CREATE TABLE sealed_subtree (
  municipality text COLLATE "C" NOT NULL,
  log          text COLLATE "C" NOT NULL,
  level        smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
  index        bigint NOT NULL,
  hash         bytea NOT NULL CHECK (length(hash) = 32),
  sealed_by    text[] NOT NULL CHECK (sealed_by <> '{}'),
  PRIMARY KEY (municipality, log, level, index)
);
ALTER TABLE sealed_subtree ENABLE ROW LEVEL SECURITY;
ALTER TABLE sealed_subtree FORCE ROW LEVEL SECURITY;
-- As for `sealed_checkpoint`.
CREATE POLICY reader ON sealed_subtree FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (
    (
      ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
      AND sealed_by <@ (SELECT nullif(current_setting('sluse.sees', true), '')::text[])
    )
    OR (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
  )
);
CREATE POLICY sign ON sealed_subtree FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'ledger'
);
GRANT SELECT, INSERT ON sealed_subtree TO :room;

-- ── both, for readers with shielded clearance, and for the ledger's own tasks ─────────────────────────────────
-- security_invoker: the policies above are those of the one who reads, not of the owner of the view.

CREATE VIEW every_log WITH (security_invoker = true) AS
  SELECT municipality, name, month, size, opened_at, closed_at, dropped_at, '{}'::text[] AS sealed_by FROM log
  UNION ALL SELECT municipality, name, month, size, opened_at, closed_at, dropped_at, sealed_by FROM sealed_log;
CREATE VIEW every_entry WITH (security_invoker = true) AS
  SELECT municipality, log, seq, id, at, actor_id, use, outcome, operation_hash, operation_name, leaf FROM entry
  UNION ALL
  SELECT municipality, log, seq, id, at, actor_id, use, outcome, operation_hash, operation_name, leaf FROM sealed_entry;
CREATE VIEW every_entry_citizen WITH (security_invoker = true) AS
  SELECT municipality, log, citizen, at, entry FROM entry_citizen
  UNION ALL SELECT municipality, log, citizen, at, entry FROM sealed_entry_citizen;
CREATE VIEW every_entry_mention WITH (security_invoker = true) AS
  SELECT municipality, log, kind, value, at, entry FROM entry_mention
  UNION ALL SELECT municipality, log, kind, value, at, entry FROM sealed_entry_mention;
CREATE VIEW every_operation WITH (security_invoker = true) AS
  SELECT municipality, log, hash, definition FROM operation
  UNION ALL SELECT municipality, log, hash, definition FROM sealed_operation;
CREATE VIEW every_checkpoint WITH (security_invoker = true) AS
  SELECT municipality, log, size, at, note FROM checkpoint
  UNION ALL SELECT municipality, log, size, at, note FROM sealed_checkpoint;
CREATE VIEW every_subtree WITH (security_invoker = true) AS
  SELECT municipality, log, level, index, hash FROM subtree
  UNION ALL SELECT municipality, log, level, index, hash FROM sealed_subtree;
GRANT SELECT ON every_log, every_entry, every_entry_citizen, every_entry_mention, every_operation, every_checkpoint,
  every_subtree TO :room;

-- ── appending ─────────────────────────────────────────────────────────────────────────────────────────────────
-- One statement a flush: each exchange with the server costs more than the rows of a whole flush, and an answer waits for all
-- of them. What the policies ask for is set here, for this transaction; whoever calls holds the room's role already.
--
-- The arrays run in parallel: one element an entry; `of_entry` (from 1) says to which entry an operation, a citizen or a mention
-- belongs. `leaves` is one text with an entry a line: canonical JSON holds no line break.
--
-- SQLSTATE of what the room has an answer to: LG001, the log is not open; 23505, one of the entries is there already.

CREATE FUNCTION append_entries(
  of_municipality text, of_log text, before text,
  ids uuid[], ats timestamptz[], actors text[], uses text[], outcomes text[], hashes text[], names text[], leaves text,
  definition_hashes text[], definitions text[],
  citizen_of int[], citizens text[], organisations text[], citizen_uses text[], purposes text[], employees text[], shown boolean[],
  mention_of int[], mention_kinds text[], mentions text[]
) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE base bigint;
BEGIN
  PERFORM set_config('sluse.municipality', of_municipality, true), set_config('sluse.task', 'append', true);
  -- Checked when the room opens, and held to though somebody changes it afterwards.
  IF current_setting('synchronous_commit') = 'off' THEN PERFORM set_config('synchronous_commit', 'on', true); END IF;
  UPDATE log SET size = size + cardinality(ids)
  WHERE municipality = of_municipality AND name = of_log AND closed_at IS NULL
  RETURNING size - cardinality(ids) INTO base;
  IF NOT FOUND THEN RAISE EXCEPTION 'the log is not open' USING ERRCODE = 'LG001'; END IF;
  -- An edge may try again across the turn of the month.
  IF before IS NOT NULL AND EXISTS (
    SELECT FROM entry e WHERE e.municipality = of_municipality AND e.log = before AND e.id = ANY (ids)
  ) THEN RAISE EXCEPTION 'an entry is there already' USING ERRCODE = '23505'; END IF;
  INSERT INTO entry
  SELECT of_municipality, of_log, base + n - 1, id, at, actor, use, outcome, hash, name, leaf
  FROM unnest(ids, ats, actors, uses, outcomes, hashes, names, string_to_array(leaves, E'\n'))
       WITH ORDINALITY AS e (id, at, actor, use, outcome, hash, name, leaf, n);
  IF cardinality(definition_hashes) > 0 THEN
    INSERT INTO operation SELECT of_municipality, of_log, hash, definition
    FROM unnest(definition_hashes, definitions) AS o (hash, definition) ON CONFLICT DO NOTHING;
  END IF;
  IF cardinality(citizen_of) > 0 THEN
    INSERT INTO entry_citizen
    SELECT of_municipality, of_log, c.citizen, ats[c.n], ids[c.n], c.organisation, c.use, c.purpose, c.employee,
           c.shown, base + c.n - 1
    FROM unnest(citizen_of, citizens, organisations, citizen_uses, purposes, employees, shown)
         AS c (n, citizen, organisation, use, purpose, employee, shown);
  END IF;
  IF cardinality(mention_of) > 0 THEN
    INSERT INTO entry_mention
    SELECT of_municipality, of_log, m.kind, m.value, ats[m.n], ids[m.n]
    FROM unnest(mention_of, mention_kinds, mentions) AS m (n, kind, value);
  END IF;
END $$;

CREATE FUNCTION append_sealed_entries(
  of_municipality text, of_period text, of_log text, before_period text, before text, of_seal text[],
  ids uuid[], ats timestamptz[], actors text[], uses text[], outcomes text[], hashes text[], names text[], leaves text,
  definition_hashes text[], definitions text[],
  citizen_of int[], citizens text[], mention_of int[], mention_kinds text[], mentions text[]
) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE base bigint;
BEGIN
  PERFORM set_config('sluse.municipality', of_municipality, true), set_config('sluse.task', 'append', true);
  IF current_setting('synchronous_commit') = 'off' THEN PERFORM set_config('synchronous_commit', 'on', true); END IF;
  UPDATE sealed_log SET size = size + cardinality(ids)
  WHERE municipality = of_municipality AND name = of_log AND closed_at IS NULL AND sealed_by = of_seal
  RETURNING size - cardinality(ids) INTO base;
  IF NOT FOUND THEN RAISE EXCEPTION 'the log is not open' USING ERRCODE = 'LG001'; END IF;
  IF before IS NOT NULL AND EXISTS (
    SELECT FROM sealed_entry e
    WHERE e.municipality = of_municipality AND e.period = before_period AND e.log = before AND e.id = ANY (ids)
  ) THEN RAISE EXCEPTION 'an entry is there already' USING ERRCODE = '23505'; END IF;
  INSERT INTO sealed_entry
  SELECT of_municipality, of_period, of_log, base + n - 1, id, at, actor, use, outcome, hash, name, leaf, of_seal
  FROM unnest(ids, ats, actors, uses, outcomes, hashes, names, string_to_array(leaves, E'\n'))
       WITH ORDINALITY AS e (id, at, actor, use, outcome, hash, name, leaf, n);
  IF cardinality(definition_hashes) > 0 THEN
    INSERT INTO sealed_operation SELECT of_municipality, of_period, of_log, hash, definition, of_seal
    FROM unnest(definition_hashes, definitions) AS o (hash, definition) ON CONFLICT DO NOTHING;
  END IF;
  IF cardinality(citizen_of) > 0 THEN
    INSERT INTO sealed_entry_citizen
    SELECT of_municipality, of_period, c.citizen, ats[c.n], ids[c.n], of_log, of_seal, base + c.n - 1
    FROM unnest(citizen_of, citizens) AS c (n, citizen);
  END IF;
  IF cardinality(mention_of) > 0 THEN
    INSERT INTO sealed_entry_mention
    SELECT of_municipality, of_period, of_log, m.kind, m.value, ats[m.n], ids[m.n], of_seal
    FROM unnest(mention_of, mention_kinds, mentions) AS m (n, kind, value);
  END IF;
END $$;

-- ── opening, closing, dropping ────────────────────────────────────────────────────────────────────────────────
-- As the owner, because the room may neither create nor drop a table; each checks by itself what it is asked to do.

-- The partitions of a month. They are made apart and then attached: that keeps nobody from reading or appending meanwhile.
CREATE FUNCTION prepare_month(of_municipality text, of_month text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE parent text; part text;
BEGIN
  IF of_municipality !~ '^\d{4}$' OR of_month !~ '^\d{4}-(0[1-9]|1[0-2])$' THEN
    RAISE EXCEPTION 'expected a municipality code of 4 digits and a month such as 2026-11' USING ERRCODE = '22023';
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('sluse log ' || of_municipality));
  FOREACH parent IN ARRAY ARRAY['entry', 'entry_citizen', 'entry_mention', 'operation',
                                'sealed_entry', 'sealed_entry_citizen', 'sealed_entry_mention', 'sealed_operation'] LOOP
    part := format('%s_%s_%s', parent, of_municipality, replace(of_month, '-', '_'));
    CONTINUE WHEN to_regclass(part) IS NOT NULL;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)', parent, part, of_municipality || '/' || of_month);
  END LOOP;
END $$;

-- Opens the log of a month, and closes those before it. Does nothing where one of that month or a later one is open: a clock
-- that was set back opens no log again.
CREATE FUNCTION open_log(
  of_municipality text, of_month text, of_name text, of_seal text[], now_at timestamptz DEFAULT clock_timestamp()
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE period text := of_municipality || '/' || of_month;
BEGIN
  PERFORM prepare_month(of_municipality, of_month),
          set_config('sluse.municipality', of_municipality, true), set_config('sluse.task', 'ledger', true);
  IF of_seal = '{}' THEN
    IF of_name <> period THEN RAISE EXCEPTION 'expected %', period USING ERRCODE = '22023'; END IF;
    IF EXISTS (SELECT FROM log WHERE municipality = of_municipality AND month >= of_month) THEN RETURN; END IF;
    UPDATE log SET closed_at = now_at WHERE municipality = of_municipality AND closed_at IS NULL;
    INSERT INTO log (municipality, name, month, opened_at) VALUES (of_municipality, of_name, of_month, now_at);
  ELSE
    IF of_name !~ ('^' || period || '/[0-9a-f]{32}$') THEN
      RAISE EXCEPTION 'expected %/ and the hash of the seal', period USING ERRCODE = '22023';
    END IF;
    IF EXISTS (SELECT FROM sealed_log WHERE municipality = of_municipality AND month >= of_month AND sealed_by = of_seal)
    THEN RETURN; END IF;
    UPDATE sealed_log SET closed_at = now_at
    WHERE municipality = of_municipality AND closed_at IS NULL AND sealed_by = of_seal;
    INSERT INTO sealed_log (municipality, name, month, opened_at, sealed_by)
    VALUES (of_municipality, of_name, of_month, now_at, of_seal);
  END IF;
END $$;

-- Closes the logs of months before this one, also of seals under which nothing has come since.
CREATE FUNCTION close_logs(of_municipality text, before_month text, now_at timestamptz DEFAULT clock_timestamp()) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM set_config('sluse.municipality', of_municipality, true), set_config('sluse.task', 'ledger', true);
  UPDATE log SET closed_at = now_at
  WHERE municipality = of_municipality AND month < before_month AND closed_at IS NULL;
  UPDATE sealed_log SET closed_at = now_at
  WHERE municipality = of_municipality AND month < before_month AND closed_at IS NULL;
END $$;

-- Drops the entries of a month. Whoever asks, and whatever the room's clock says: not before six whole months have passed since
-- its end, by this server's clock. Checkpoints and subtrees stay; they hold hashes of salted leaves only.
CREATE FUNCTION drop_month(of_municipality text, of_month text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE parent text; part text;
BEGIN
  IF of_municipality !~ '^\d{4}$' OR of_month !~ '^\d{4}-(0[1-9]|1[0-2])$'
     OR clock_timestamp() AT TIME ZONE 'UTC' < to_date(of_month, 'YYYY-MM') + interval '7 months' THEN
    RAISE EXCEPTION 'expected a month that ended at least six months ago' USING ERRCODE = '22023';
  END IF;
  -- Rather later than keep readers waiting behind one who reads for long.
  PERFORM set_config('lock_timeout', '2s', true);
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

REVOKE ALL ON FUNCTION append_entries, append_sealed_entries, prepare_month, open_log, close_logs, drop_month FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_entries, append_sealed_entries, prepare_month, open_log, close_logs, drop_month TO :room;

-- ── for whoever reads the database itself ─────────────────────────────────────────────────────────────────────

-- Entries with what their leaves say, as columns. Not granted to the room.
CREATE VIEW every_entry_details WITH (security_invoker = true) AS
  SELECT e.municipality, e.log, e.seq, e.id, e.at, said.*, o.definition::json ->> 'text' AS operation_text,
         ARRAY(SELECT json_array_elements_text(o.definition::json -> 'fields')) AS fields
  FROM (
    SELECT municipality, log, seq, id, at, leaf FROM entry UNION ALL SELECT municipality, log, seq, id, at, leaf FROM sealed_entry
  ) AS e
  CROSS JOIN LATERAL (SELECT e.leaf::json AS leaf) AS l
  CROSS JOIN LATERAL (
    SELECT l.leaf ->> 'session' AS session, l.leaf #>> '{actor,kind}' AS actor_kind, l.leaf #>> '{actor,id}' AS actor_id,
           l.leaf #>> '{subject,kind}' AS subject_kind, l.leaf #>> '{subject,id}' AS subject_id,
           l.leaf ->> 'organisation' AS organisation, l.leaf ->> 'right' AS acting_right, l.leaf ->> 'use' AS use,
           l.leaf ->> 'outcome' AS outcome, l.leaf #>> '{operation,hash}' AS operation_hash,
           l.leaf #>> '{operation,name}' AS operation_name,
           ARRAY(SELECT json_array_elements_text(l.leaf -> 'citizens')) AS citizens,
           ARRAY(SELECT json_array_elements_text(l.leaf -> 'cases')) AS cases,
           nullif((l.leaf -> 'criterion')::text, 'null') AS criterion,
           ARRAY(SELECT json_array_elements_text(l.leaf -> 'faults')) AS faults,
           l.leaf ->> 'purpose' AS purpose, l.leaf ->> 'workstation' AS workstation, l.leaf ->> 'transactionId' AS transaction_id,
           ARRAY(SELECT json_array_elements_text(l.leaf -> 'sealedBy')) AS sealed_by
  ) AS said
  LEFT JOIN (
    SELECT municipality, log, hash, definition FROM operation UNION ALL SELECT municipality, log, hash, definition FROM sealed_operation
  ) AS o ON o.municipality = e.municipality AND o.log = e.log AND o.hash = l.leaf #>> '{operation,definition}';
CREATE VIEW entry_details WITH (security_invoker = true) AS SELECT * FROM every_entry_details WHERE sealed_by = '{}';
CREATE VIEW sealed_entry_details WITH (security_invoker = true) AS SELECT * FROM every_entry_details WHERE sealed_by <> '{}';
