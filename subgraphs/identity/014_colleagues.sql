-- Employees of another company, such as a treatment centre, see their colleagues there. Of the municipality's employees they see those
-- who gave or refused a power of attorney that concerns their company, because they act on that person's authority.
-- The municipality's own employees and case systems see all, as before.
CREATE FUNCTION of_another_company() RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT nullif(current_setting('sluse.person_kind', true), '') = 'Employee'
     AND NOT EXISTS (
       SELECT FROM organisation own
        WHERE own.municipality = nullif(current_setting('sluse.municipality', true), '')
          AND own.id::text = nullif(current_setting('sluse.organisation', true), '')
          AND own.part_of = own.municipality)
$$;

DROP POLICY colleagues ON employee;
CREATE POLICY colleagues ON employee FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['employee:read']
    AND (NOT (SELECT of_another_company())
         OR organisation = ANY ((SELECT own_company())::uuid[])
         OR id IN (SELECT step.taken_by FROM power_step step
                    WHERE step.municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))))
  );

-- By the organisation in which the right is held: a look at the employee would come back here (power_step, speaks_for) without end.
DROP POLICY colleagues ON right_assignment;
CREATE POLICY colleagues ON right_assignment FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['employee:read']
    AND (NOT (SELECT of_another_company()) OR organisation = ANY ((SELECT own_company())::uuid[]))
  );
