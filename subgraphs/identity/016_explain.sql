-- What `explainAccess` reads, for those who may ask why an employee is or is not let in. It reads as the asker: what no policy
-- shows to the asker is not part of the explanation, and the explanation is then what it would be without it.
--
-- Nothing here shows a grant into a single case's compartment (015_single_cases.sql): these stay with those who hold it.

-- Whoever reads the log asks why somebody could look. Who works with which kind of cases is not secret; which cases there are is.
-- Not a reader who works for another company.
CREATE POLICY readers_of_the_log ON clearance_grant FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND (SELECT nullif(current_setting('sluse.scopes', true), '')::text[]) && ARRAY['audit:read']
    AND NOT (SELECT of_another_company())
  );

-- Whether somebody is locked out. Why, and from where, administrators alone ask (`accessBlocks`).
CREATE POLICY oneself ON access_block FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND kind = 'PERSON' AND person::text = (SELECT nullif(current_setting('sluse.person', true), ''))
  );
CREATE POLICY those_who_lead ON access_block FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND kind = 'PERSON'
    AND EXISTS (SELECT FROM employee e WHERE e.municipality = access_block.municipality AND e.id = person
      AND e.organisation = ANY ((SELECT led_units())::uuid[]))
  );

-- One's own grants stand under these. Whoever acts in a right that opens nothing asks why, and has no scope to read them by.
CREATE POLICY ones_own_unit ON secretariat FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND unit::text = (SELECT nullif(current_setting('sluse.organisation', true), ''))
  );
CREATE POLICY ones_own ON disclosure_agreement FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Employee'
    AND EXISTS (SELECT FROM clearance_grant g
      WHERE g.municipality = disclosure_agreement.municipality AND g.agreement = disclosure_agreement.id
        AND g.holder::text = (SELECT nullif(current_setting('sluse.person', true), '')))
  );
