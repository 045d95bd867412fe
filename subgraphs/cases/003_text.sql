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

-- What is there already: in normalization form C, as everything that is read from now on. A title keeps its other form only where it
-- would grow beyond what it may be. Every row is written, so that its sort key is made by the function above. The owner is bound
-- by the policies too, and is let through for this statement.
ALTER TABLE ordinary_case NO FORCE ROW LEVEL SECURITY;
ALTER TABLE ordinary_document NO FORCE ROW LEVEL SECURITY;
ALTER TABLE shielded_case NO FORCE ROW LEVEL SECURITY;
ALTER TABLE shielded_document NO FORCE ROW LEVEL SECURITY;
UPDATE ordinary_case SET title = CASE WHEN length(normalize(title, NFC)) <= 300 THEN normalize(title, NFC) ELSE title END;
UPDATE shielded_case SET title = CASE WHEN length(normalize(title, NFC)) <= 300 THEN normalize(title, NFC) ELSE title END;
UPDATE ordinary_document SET title = normalize(title, NFC), text = normalize(text, NFC)
  WHERE (title IS NOT NFC NORMALIZED OR text IS NOT NFC NORMALIZED) AND length(normalize(title, NFC)) <= 300;
UPDATE shielded_document SET title = normalize(title, NFC), text = normalize(text, NFC)
  WHERE (title IS NOT NFC NORMALIZED OR text IS NOT NFC NORMALIZED) AND length(normalize(title, NFC)) <= 300;
ALTER TABLE ordinary_case FORCE ROW LEVEL SECURITY;
ALTER TABLE ordinary_document FORCE ROW LEVEL SECURITY;
ALTER TABLE shielded_case FORCE ROW LEVEL SECURITY;
ALTER TABLE shielded_document FORCE ROW LEVEL SECURITY;
