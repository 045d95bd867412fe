-- A parent who holds custody is shown who looked the child up, as the child would be. Sealed entries lie in other tables.
CREATE POLICY ones_children ON entry_citizen FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND shown
  AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
  AND citizen = ANY ((SELECT nullif(current_setting('sluse.children', true), '')::text[])::text[])
);
