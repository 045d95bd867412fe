-- A case remembers the case system that entered it. That client is shown the parties of its own cases, as long as it is cleared for
-- their compartment. A client that may read citizens is shown the parties of all cases in its compartments, as employees are.
--
-- A party's row repeats it: a policy that asked the case would meet the policy of the case, which asks for the parties.
ALTER TABLE ordinary_case ADD COLUMN entered_by uuid;
ALTER TABLE ordinary_party ADD COLUMN entered_by uuid;
ALTER TABLE shielded_case ADD COLUMN entered_by uuid;
ALTER TABLE shielded_party ADD COLUMN entered_by uuid;

-- Nobody enters a case in another's name.
DROP POLICY enters ON ordinary_case;
CREATE POLICY enters ON ordinary_case FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
    AND (entered_by IS NULL OR (
      (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'SystemClient'
      AND entered_by = (SELECT person_id())))
  );
DROP POLICY enters ON shielded_case;
CREATE POLICY enters ON shielded_case FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
    AND (entered_by IS NULL OR (
      (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'SystemClient'
      AND entered_by = (SELECT person_id())))
  );

-- 'party:logged' is no scope that anybody holds. The room adds it where the log is told whom a case is about, and where the parties
-- of a case are replaced.
DROP POLICY cleared ON ordinary_party;
CREATE POLICY cleared ON ordinary_party FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.sees', true), '')::text[])::text[])
    AND ((SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'SystemClient'
      OR (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
         && ARRAY['citizen:read', 'citizen:reference', 'party:logged']
      OR entered_by = (SELECT person_id()))
  );
DROP POLICY cleared ON shielded_party;
CREATE POLICY cleared ON shielded_party FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.sees', true), '')::text[])::text[])
    AND ((SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'SystemClient'
      OR (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
         && ARRAY['citizen:read', 'citizen:reference', 'party:logged']
      OR entered_by = (SELECT person_id()))
  );

CREATE OR REPLACE VIEW every_party WITH (security_invoker = true) AS
  SELECT municipality, case_id, citizen, compartment, role, entered_by FROM ordinary_party
  UNION ALL
  SELECT municipality, case_id, citizen, compartment, role, entered_by FROM shielded_party;
