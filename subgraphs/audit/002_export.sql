-- Tickets under which exports of the log are fetched. A ticket opens nothing by itself: it stands for a filter and a format, and what is
-- read under it is read as whoever fetches it. It lies here hashed all the same, because a filter may name somebody.

CREATE TABLE export_ticket (
  municipality text NOT NULL,
  -- SHA-256 of the ticket, in hexadecimal.
  hash         text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  person_kind  text NOT NULL,
  person       text NOT NULL,
  format       text NOT NULL CHECK (format IN ('NDJSON', 'CSV', 'FHIR', 'OCSF')),
  -- JSON of the filter, as `auditEntries` takes it.
  filter       text NOT NULL,
  expires_at   timestamptz(3) NOT NULL,
  PRIMARY KEY (municipality, hash)
);
ALTER TABLE export_ticket ENABLE ROW LEVEL SECURITY;
ALTER TABLE export_ticket FORCE ROW LEVEL SECURITY;
-- Whom it was given to, for as long as that person reads the log.
CREATE POLICY holder ON export_ticket FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
  AND person_kind = (SELECT nullif(current_setting('sluse.person_kind', true), ''))
  AND person = (SELECT nullif(current_setting('sluse.person', true), ''))
);
-- A reader of the log, to oneself.
CREATE POLICY issue ON export_ticket FOR INSERT WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ARRAY['audit:read'] <@ (SELECT nullif(current_setting('sluse.scopes', true), '')::text[])
  AND person_kind = (SELECT nullif(current_setting('sluse.person_kind', true), ''))
  AND person = (SELECT nullif(current_setting('sluse.person', true), ''))
);
-- The room's own task, which removes what has expired; to delete a row PostgreSQL has to see it first.
CREATE POLICY seen_to_expire ON export_ticket FOR SELECT USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'expire-tickets'
);
CREATE POLICY expire ON export_ticket FOR DELETE USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'expire-tickets'
);
GRANT SELECT, INSERT, DELETE ON export_ticket TO :room;
