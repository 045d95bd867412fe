-- Whoever is to clarify why somebody was locked out sees what was rejected: an administrator, of the person or workstation of one
-- block at a time, in the ordinary log only. The room names the two in its transaction, after it has checked the block
-- (clarify/loader.ts), so that a query without the condition shows nothing more.
CREATE POLICY clarifying ON entry FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
  AND ARRAY['admin'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
  AND outcome IN ('DENIED', 'FAILED')
  AND (actor_id = (SELECT nullif(current_setting('sluse.clarifies_person', true), ''))
       OR (actor_id IS NULL
           AND leaf::json ->> 'workstation' = (SELECT nullif(current_setting('sluse.clarifies_workstation', true), ''))))
);
