-- A citizen is shown an ordinary case as a party to it. Somebody who is only named in it (OTHER) is no party, and is not shown it.
-- Which level each role gives stands in own-cases.ts; this is the wall behind it. The policy of
-- ordinary_case looks through this one.
DROP POLICY oneself ON ordinary_party;
CREATE POLICY oneself ON ordinary_party FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'Citizen'
    AND citizen = (SELECT person_id())
    AND role <> 'OTHER'
  );
