-- Acting for another organisation: the delegated rights ("forvaltende") work only for somebody, and every report is for the
-- one acted for. `sluse.acting_for` is set only under a power of attorney that is in force and may be used.

-- As in 001_smdb.sql, and: a right that opens nothing (no scope) reads nothing here either, so that one which needs a power of
-- attorney and has none is denied by the tables too.
CREATE OR REPLACE FUNCTION readable_kinds() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN nullif(current_setting('sluse.person_kind', true), '') = 'Employee'
               AND nullif(current_setting('sluse.scopes', true), '')::text[] && ARRAY['smdb:read'] THEN
    CASE nullif(current_setting('sluse.right', true), '')
      WHEN 'SMDB_REPORTER' THEN
        '{REQUEST,START_TREATMENT,CENTRE_ASSIGNMENT,ENROLMENT,ASI,SERVICE,DISCHARGE,END_TREATMENT}'::text[]
      WHEN 'SMDB_DELEGATED_REPORTER' THEN
        CASE WHEN nullif(current_setting('sluse.acting_for', true), '') IS NOT NULL THEN
          '{REQUEST,START_TREATMENT,CENTRE_ASSIGNMENT,ENROLMENT,ASI,SERVICE,DISCHARGE,END_TREATMENT}'::text[] END
      WHEN 'SMDB_HEALTH' THEN '{HEPATITIS_C,MEDICAL_QUALITY}'::text[]
      WHEN 'SMDB_DELEGATED_HEALTH' THEN
        CASE WHEN nullif(current_setting('sluse.acting_for', true), '') IS NOT NULL THEN
          '{HEPATITIS_C,MEDICAL_QUALITY}'::text[] END
      WHEN 'SMDB_LEADER' THEN
        '{REQUEST,START_TREATMENT,CENTRE_ASSIGNMENT,HEPATITIS_C,MEDICAL_QUALITY,ENROLMENT,ASI,SERVICE,DISCHARGE,END_TREATMENT}'::text[]
    END
  END
$$;

-- In a delegated right one reads what one reported for the organisation that one acts for now, and not what for another.
DROP POLICY form_read ON form;
CREATE POLICY form_read ON form FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND kind = ANY ((SELECT readable_kinds())::text[])
  AND ((SELECT reads_everyones())
       OR (reported_by = (SELECT nullif(current_setting('sluse.person', true), '')::uuid)
           AND on_behalf_of = (SELECT nullif(current_setting('sluse.acting_for', true), '')::uuid)))
);

-- Nobody reports for an organisation that they do not act for, nor for themselves while they act for one.
DROP POLICY form_report ON form;
CREATE POLICY form_report ON form FOR INSERT TO :room WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND kind = ANY ((SELECT reportable_kinds())::text[])
  AND reported_by = (SELECT nullif(current_setting('sluse.person', true), '')::uuid)
  AND on_behalf_of IS NOT DISTINCT FROM (SELECT nullif(current_setting('sluse.acting_for', true), '')::uuid)
);

-- The sub-query runs under form_read: in a delegated right the days of a course are those of the forms that one may read.
DROP POLICY milestone_read ON milestone;
CREATE POLICY milestone_read ON milestone FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ((SELECT reads_everyones())
       OR (kind = ANY ((SELECT readable_kinds())::text[])
           AND reported_by = (SELECT nullif(current_setting('sluse.person', true), '')::uuid)
           AND EXISTS (SELECT FROM form WHERE form.municipality = milestone.municipality AND form.id = milestone.form)))
);
