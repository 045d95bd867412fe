-- A case moves between compartments: its rows are made anew where it goes, and deleted where it was. So documents may be entered by
-- whoever enters cases there, and a compartment of a single case is noted by whoever holds it.
CREATE POLICY enters ON ordinary_document FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
GRANT INSERT ON ordinary_document TO :room;
CREATE POLICY enters ON shielded_document FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
GRANT INSERT ON shielded_document TO :room;
CREATE POLICY enters ON single_case_compartment FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND id = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
GRANT INSERT ON single_case_compartment TO :room;
