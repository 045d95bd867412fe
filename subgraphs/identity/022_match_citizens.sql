-- Another room asks whether people are in the register, on behalf of somebody who enters a case about them. Everybody who has a row
-- is: the answer must not tell who has died, moved away or left.
CREATE POLICY matching ON citizen FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'match-citizens'
  );
DROP POLICY not_who_left ON citizen;
CREATE POLICY not_who_left ON citizen AS RESTRICTIVE FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND ((left_at IS NULL AND moved_away_on IS NULL AND died_on IS NULL)
         OR (SELECT nullif(current_setting('sluse.task', true), '')) IS NULL
         OR (SELECT nullif(current_setting('sluse.task', true), '')) = 'match-citizens')
  );
