-- What a case system calls a case. An id belongs to the client that gave it, within one compartment: no key spans two clients, nor two
-- compartments, so an id is never taken by a case that the client may not know of.
--
-- The row stays when the case is gone, deleted or moved alike: a batch that comes late must not enter the case again, in the open,
-- after it was moved behind the wall.
CREATE TABLE ordinary_external_id (
  municipality text NOT NULL CHECK (municipality ~ '^\d{4}$'),
  compartment text NOT NULL,
  -- A system client of the identity room.
  client uuid NOT NULL,
  source text COLLATE "C" NOT NULL CHECK (length(source) BETWEEN 1 AND 100),
  external_id text COLLATE "C" NOT NULL CHECK (length(external_id) BETWEEN 1 AND 200),
  -- NULL: the case is gone.
  case_id uuid,
  -- What the source numbered the content that was taken last, and a digest of that content; NULL before the first import.
  version bigint,
  digest text,
  PRIMARY KEY (municipality, compartment, client, source, external_id)
);
CREATE UNIQUE INDEX ordinary_external_id_by_case ON ordinary_external_id (municipality, compartment, case_id)
  WHERE case_id IS NOT NULL;
CREATE TABLE shielded_external_id (
  municipality text NOT NULL CHECK (municipality ~ '^\d{4}$'),
  compartment text NOT NULL,
  client uuid NOT NULL,
  source text COLLATE "C" NOT NULL CHECK (length(source) BETWEEN 1 AND 100),
  external_id text COLLATE "C" NOT NULL CHECK (length(external_id) BETWEEN 1 AND 200),
  case_id uuid,
  version bigint,
  digest text,
  PRIMARY KEY (municipality, compartment, client, source, external_id)
);
CREATE UNIQUE INDEX shielded_external_id_by_case ON shielded_external_id (municipality, compartment, case_id)
  WHERE case_id IS NOT NULL;

-- The client itself, in compartments where it enters or finds cases.
ALTER TABLE ordinary_external_id ENABLE ROW LEVEL SECURITY;
ALTER TABLE ordinary_external_id FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON ordinary_external_id FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'SystemClient'
    AND client = (SELECT person_id())
    AND (compartment = ANY ((SELECT nullif(current_setting('sluse.sees', true), '')::text[])::text[])
      OR compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[]))
  );
CREATE POLICY gives ON ordinary_external_id FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'SystemClient'
    AND client = (SELECT person_id())
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
CREATE POLICY numbers ON ordinary_external_id FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'SystemClient'
    AND client = (SELECT person_id())
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
-- Whoever deletes or moves a case ends its external id, whichever client gave it.
CREATE POLICY ends_seen ON ordinary_external_id FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.deletes', true), '')::text[])::text[])
  );
CREATE POLICY ends ON ordinary_external_id FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.deletes', true), '')::text[])::text[])
  );
GRANT SELECT, INSERT, UPDATE (case_id, version, digest) ON ordinary_external_id TO :room;

ALTER TABLE shielded_external_id ENABLE ROW LEVEL SECURITY;
ALTER TABLE shielded_external_id FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON shielded_external_id FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'SystemClient'
    AND client = (SELECT person_id())
    AND (compartment = ANY ((SELECT nullif(current_setting('sluse.sees', true), '')::text[])::text[])
      OR compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[]))
  );
CREATE POLICY gives ON shielded_external_id FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'SystemClient'
    AND client = (SELECT person_id())
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
CREATE POLICY numbers ON shielded_external_id FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) = 'SystemClient'
    AND client = (SELECT person_id())
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.enters', true), '')::text[])::text[])
  );
CREATE POLICY ends_seen ON shielded_external_id FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.deletes', true), '')::text[])::text[])
  );
CREATE POLICY ends ON shielded_external_id FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.person_kind', true), '')) <> 'Citizen'
    AND compartment = ANY ((SELECT nullif(current_setting('sluse.deletes', true), '')::text[])::text[])
  );
GRANT SELECT, INSERT, UPDATE (case_id, version, digest) ON shielded_external_id TO :room;

CREATE VIEW every_external_id WITH (security_invoker = true) AS
  SELECT municipality, compartment, client, source, external_id, case_id FROM ordinary_external_id
  UNION ALL
  SELECT municipality, compartment, client, source, external_id, case_id FROM shielded_external_id;
GRANT SELECT ON every_external_id TO :room;
