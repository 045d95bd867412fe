-- Whom somebody acted for, under a power of attorney. The leaf says so, with the power; what is added here finds entries by the
-- organisation acted for. Policies and grants are those of the tables (001_audit.sql).

-- Partitions that are there already hold the condition in their own right, so that each has to let it go.
DO $$
DECLARE part regclass;
BEGIN
  FOR part IN
    -- Parents first: what is inherited cannot be dropped.
    SELECT relation FROM (
      SELECT 1 AS place, unnest(ARRAY['entry_mention'::regclass, 'sealed_entry_mention'::regclass]) AS relation
      UNION ALL
      SELECT 2, inhrelid::regclass FROM pg_inherits
       WHERE inhparent IN ('entry_mention'::regclass, 'sealed_entry_mention'::regclass)
    ) AS those ORDER BY place
  LOOP
    EXECUTE (
      SELECT coalesce(string_agg(format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I;', part, conname), ' '), 'SELECT')
        FROM pg_constraint
       WHERE conrelid = part AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%CRITERION%');
  END LOOP;
END $$;
ALTER TABLE entry_mention ADD CONSTRAINT entry_mention_kind CHECK (kind IN ('CASE', 'CRITERION', 'ACTING_FOR'));
ALTER TABLE sealed_entry_mention ADD CONSTRAINT sealed_entry_mention_kind CHECK (kind IN ('CASE', 'CRITERION', 'ACTING_FOR'));

-- For whoever reads the database itself: as before, with two columns more.
CREATE OR REPLACE VIEW every_entry_details WITH (security_invoker = true) AS
  SELECT e.municipality, e.log, e.seq, e.id, e.at, said.*, o.definition::json ->> 'text' AS operation_text,
         ARRAY(SELECT json_array_elements_text(o.definition::json -> 'fields')) AS fields,
         l.leaf ->> 'actingFor' AS acting_for, l.leaf ->> 'powerOfAttorney' AS power_of_attorney
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
CREATE OR REPLACE VIEW entry_details WITH (security_invoker = true) AS
  SELECT * FROM every_entry_details WHERE sealed_by = '{}';
CREATE OR REPLACE VIEW sealed_entry_details WITH (security_invoker = true) AS
  SELECT * FROM every_entry_details WHERE sealed_by <> '{}';
