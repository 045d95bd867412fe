-- Text is searched and sorted by Unicode, alike on every server (kit/folded.ts is the same function; kit/canonical.ts the same form).

-- The collations of ICU are there in every PostgreSQL that was built with it, and Unicode's forms in every database in UTF-8.
DO $$
BEGIN
  IF getdatabaseencoding() <> 'UTF8' THEN
    RAISE EXCEPTION 'expected a database in UTF8: create it with ENCODING ''UTF8'' TEMPLATE template0';
  END IF;
  IF to_regcollation('pg_catalog."da-x-icu"') IS NULL THEN
    RAISE EXCEPTION 'expected a PostgreSQL with ICU, which sorts Danish (collation da-x-icu)';
  END IF;
END $$;

-- Without regard to case, to compatibility forms, and to characters that are not seen. By way of
-- upper case: "ß" and "SS" meet there.
CREATE OR REPLACE FUNCTION folded(given text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN normalize(
    translate(
      lower(upper(lower(normalize(given, NFKC) COLLATE "und-x-icu"))),
      U&'\03C2\00AD\034F\061C\180E\200B\200C\200D\200E\200F\202A\202B\202C\202D\202E\2060\2061\2062\2063\2064\2066\2067\2068\2069\FE00\FE01\FE02\FE03\FE04\FE05\FE06\FE07\FE08\FE09\FE0A\FE0B\FE0C\FE0D\FE0E\FE0F\FEFF',
      U&'\03C3'),
    NFKC);

-- Names as they are kept, as they are searched, and as they are sorted: Æ, Ø and Å last, Aa as Å.
DROP INDEX citizen_by_name;
ALTER TABLE citizen DROP COLUMN name_folded;
ALTER TABLE citizen
  ALTER COLUMN name TYPE text USING normalize(name, NFC),
  ALTER COLUMN street TYPE text USING normalize(street, NFC),
  ALTER COLUMN city TYPE text USING normalize(city, NFC);
ALTER TABLE citizen ADD COLUMN name_folded text COLLATE "da-x-icu" NOT NULL GENERATED ALWAYS AS (folded(name)) STORED;
CREATE INDEX citizen_by_name ON citizen (municipality, name_folded, id);

DROP INDEX employee_by_name;
ALTER TABLE employee DROP COLUMN name_folded;
ALTER TABLE employee ALTER COLUMN name TYPE text USING normalize(name, NFC);
ALTER TABLE employee ADD COLUMN name_folded text COLLATE "da-x-icu" NOT NULL GENERATED ALWAYS AS (folded(name)) STORED;
CREATE INDEX employee_by_name ON employee (municipality, name_folded, id);

ALTER TABLE municipality ALTER COLUMN name TYPE text USING normalize(name, NFC);
ALTER TABLE organisation ALTER COLUMN name TYPE text USING normalize(name, NFC);
ALTER TABLE system_client ALTER COLUMN name TYPE text USING normalize(name, NFC);

-- User names of the old SMDB are kept folded. Two that become one stay as they are: neither may be taken for the other.
ALTER TABLE legacy_account NO FORCE ROW LEVEL SECURITY;
UPDATE legacy_account this SET user_name = folded(user_name)
  WHERE user_name <> folded(user_name) AND length(folded(user_name)) BETWEEN 1 AND 200 AND NOT EXISTS (
    SELECT FROM legacy_account other
    WHERE other.municipality = this.municipality AND other.user_name <> this.user_name
      AND folded(other.user_name) = folded(this.user_name));
ALTER TABLE legacy_account FORCE ROW LEVEL SECURITY;
