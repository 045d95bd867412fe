-- A parent who holds custody is shown the ordinary cases in which the child is the primary party (own-cases.ts). In its other roles the
-- child is named in somebody else's case. Which children these are is part of the viewer; without the municipality's decision, none.
CREATE POLICY ones_children ON ordinary_party FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
    AND citizen = ANY ((SELECT nullif(current_setting('sluse.children', true), '')::uuid[])::uuid[])
    AND role = 'PRIMARY'
  );
CREATE POLICY ones_children ON ordinary_case FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
    AND id IN (
      SELECT party.case_id FROM ordinary_party party
      WHERE party.municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
        AND party.citizen = ANY ((SELECT nullif(current_setting('sluse.children', true), '')::uuid[])::uuid[])
        AND party.role = 'PRIMARY'
    )
  );
