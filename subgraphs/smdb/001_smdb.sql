-- The room of Stofmisbrugsdatabasen (SMDB): reports on drug-misuse treatment.
--
-- A course of treatment is a thin row; what is known of it comes from the forms reported on it, so that each viewer's
-- course is made of the forms that this viewer may see. The matrix of rights stands in rights.ts and, once more, here:
-- the lock is on the tables, and a resolver that forgets to ask still gets nothing.

-- ── Rights, as the policies read them. No right, or one that is not listed: NULL, which denies ────────────────────────

-- Kinds of form that may be read in the right acted in. Only employees act in an SMDB right.
CREATE FUNCTION readable_kinds() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN nullif(current_setting('sluse.person_kind', true), '') = 'Employee' THEN
    CASE nullif(current_setting('sluse.right', true), '')
      WHEN 'SMDB_REPORTER' THEN
        '{REQUEST,START_TREATMENT,CENTRE_ASSIGNMENT,ENROLMENT,ASI,SERVICE,DISCHARGE,END_TREATMENT}'::text[]
      WHEN 'SMDB_DELEGATED_REPORTER' THEN
        '{REQUEST,START_TREATMENT,CENTRE_ASSIGNMENT,ENROLMENT,ASI,SERVICE,DISCHARGE,END_TREATMENT}'::text[]
      WHEN 'SMDB_HEALTH' THEN '{HEPATITIS_C,MEDICAL_QUALITY}'::text[]
      WHEN 'SMDB_DELEGATED_HEALTH' THEN '{HEPATITIS_C,MEDICAL_QUALITY}'::text[]
      WHEN 'SMDB_LEADER' THEN
        '{REQUEST,START_TREATMENT,CENTRE_ASSIGNMENT,HEPATITIS_C,MEDICAL_QUALITY,ENROLMENT,ASI,SERVICE,DISCHARGE,END_TREATMENT}'::text[]
    END
  END
$$;

-- Kinds of form that may be reported: those that may be read, but a leader reports nothing.
CREATE FUNCTION reportable_kinds() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN nullif(current_setting('sluse.right', true), '') <> 'SMDB_LEADER' THEN readable_kinds() END
$$;

-- Whether the right reaches everybody's reports in the municipality; the delegated rights ("forvaltende") reach only
-- what the subject reported.
CREATE FUNCTION reads_everyones() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT readable_kinds() IS NOT NULL
     AND nullif(current_setting('sluse.right', true), '') IN ('SMDB_REPORTER', 'SMDB_HEALTH', 'SMDB_LEADER')
$$;

-- ── Courses ────────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE course (
  municipality text NOT NULL,
  id uuid NOT NULL,
  citizen uuid NOT NULL,
  -- Day of the event that opened it. Shown only where no request may be seen.
  opened_on date NOT NULL,
  PRIMARY KEY (municipality, id)
);
CREATE INDEX course_citizen ON course (municipality, citizen);

-- ── Forms ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE form (
  municipality text NOT NULL,
  id uuid NOT NULL,
  course uuid NOT NULL,
  kind text NOT NULL,
  status text NOT NULL CHECK (status IN ('REPORTED', 'CORRECTED', 'WITHDRAWN')),
  happened_on date NOT NULL,
  due date NOT NULL,
  reported_by uuid NOT NULL,
  on_behalf_of uuid,
  reported_at timestamptz(3) NOT NULL,
  answers jsonb NOT NULL,
  PRIMARY KEY (municipality, id),
  FOREIGN KEY (municipality, course) REFERENCES course
);
CREATE INDEX form_course ON form (municipality, course);
CREATE INDEX form_reported_at ON form (municipality, reported_at DESC, id DESC);
CREATE INDEX form_reported_by ON form (municipality, reported_by);

ALTER TABLE form ENABLE ROW LEVEL SECURITY;
ALTER TABLE form FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON form TO :room;

-- Which forms exist about a person is health data: by kind, and for the delegated rights by who reported it.
CREATE POLICY form_read ON form FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND kind = ANY ((SELECT readable_kinds())::text[])
  AND ((SELECT reads_everyones())
       OR reported_by = (SELECT nullif(current_setting('sluse.person', true), '')::uuid))
);

-- Nobody reports in another's name, nor a kind outside the right acted in.
CREATE POLICY form_report ON form FOR INSERT TO :room WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND kind = ANY ((SELECT reportable_kinds())::text[])
  AND reported_by = (SELECT nullif(current_setting('sluse.person', true), '')::uuid)
);

-- ── Who may see a course ───────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE course ENABLE ROW LEVEL SECURITY;
ALTER TABLE course FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON course TO :room;

-- That somebody is in treatment is itself the secret. A delegated reporter knows of a course only through a form of
-- their own: the sub-query runs under form_read.
CREATE POLICY course_read ON course FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ((SELECT reads_everyones())
       OR ((SELECT readable_kinds()) IS NOT NULL
           AND EXISTS (SELECT FROM form WHERE form.municipality = course.municipality AND form.course = course.id)))
);

CREATE POLICY course_open ON course FOR INSERT TO :room WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT reportable_kinds()) IS NOT NULL
);

-- ── Milestones: the dates of a course ──────────────────────────────────────────────────────────────────────────────────

-- Day of request, start and end, apart from the forms that hold them: health staff must know the days of a course
-- (the deadline of their form depends on them) but not read those forms. The outcome stays in the form.
CREATE TABLE milestone (
  municipality text NOT NULL,
  course uuid NOT NULL,
  form uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('REQUEST', 'START_TREATMENT', 'END_TREATMENT')),
  happened_on date NOT NULL,
  reported_by uuid NOT NULL,
  PRIMARY KEY (municipality, course, form),
  FOREIGN KEY (municipality, form) REFERENCES form
);

ALTER TABLE milestone ENABLE ROW LEVEL SECURITY;
ALTER TABLE milestone FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON milestone TO :room;

-- A delegated reporter who joined a course that others opened must not learn its days from them.
CREATE POLICY milestone_read ON milestone FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND ((SELECT reads_everyones())
       OR (kind = ANY ((SELECT readable_kinds())::text[])
           AND reported_by = (SELECT nullif(current_setting('sluse.person', true), '')::uuid)))
);

CREATE POLICY milestone_report ON milestone FOR INSERT TO :room WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND kind = ANY ((SELECT reportable_kinds())::text[])
  AND reported_by = (SELECT nullif(current_setting('sluse.person', true), '')::uuid)
);

-- ── Versions of a form ─────────────────────────────────────────────────────────────────────────────────────────────────

-- Every version that a form has had, the one in force included: a report to a register is corrected, never overwritten.
CREATE TABLE form_version (
  municipality text NOT NULL,
  form uuid NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  answers jsonb NOT NULL,
  recorded_by uuid NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  reason text,
  PRIMARY KEY (municipality, form, number),
  FOREIGN KEY (municipality, form) REFERENCES form
);

ALTER TABLE form_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE form_version FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON form_version TO :room;

-- Seen by whoever may see the form: the sub-query runs under form_read.
CREATE POLICY form_version_read ON form_version FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND EXISTS (SELECT FROM form WHERE form.municipality = form_version.municipality AND form.id = form_version.form)
);

CREATE POLICY form_version_report ON form_version FOR INSERT TO :room WITH CHECK (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT reportable_kinds()) IS NOT NULL
  AND recorded_by = (SELECT nullif(current_setting('sluse.person', true), '')::uuid)
);

-- ── The open course of a citizen ───────────────────────────────────────────────────────────────────────────────────────

-- SMDB knows one open course per person and municipality. Apart from `course`, because whoever reports must be led to
-- the open course without seeing it: report.ts reads this table, no field of the schema does.
CREATE TABLE open_course (
  municipality text NOT NULL,
  citizen uuid NOT NULL,
  course uuid NOT NULL,
  PRIMARY KEY (municipality, citizen),
  FOREIGN KEY (municipality, course) REFERENCES course
);

ALTER TABLE open_course ENABLE ROW LEVEL SECURITY;
ALTER TABLE open_course FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, DELETE ON open_course TO :room;

CREATE POLICY open_course_report ON open_course TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND (SELECT reportable_kinds()) IS NOT NULL
);

-- ── Cases that a course belongs to ─────────────────────────────────────────────────────────────────────────────────────

-- This room's own wall in front of the gateway's: a link is there for whoever is cleared for the case's compartment and
-- may see the course. No field writes links; the role may only read them.
CREATE TABLE course_ordinary_case (
  municipality text NOT NULL,
  course uuid NOT NULL,
  case_id uuid NOT NULL,
  compartment text NOT NULL,
  PRIMARY KEY (municipality, course, case_id)
);

ALTER TABLE course_ordinary_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE course_ordinary_case FORCE ROW LEVEL SECURITY;
GRANT SELECT ON course_ordinary_case TO :room;

CREATE POLICY course_ordinary_case_read ON course_ordinary_case FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND compartment = ANY ((SELECT nullif(current_setting('sluse.sees', true), '')::text[])::text[])
  AND EXISTS (SELECT FROM course c WHERE c.municipality = course_ordinary_case.municipality AND c.id = course)
);

-- Links to shielded cases, in storage of their own: whoever holds no shielded compartment is answered by SQL that does
-- not name this table (a hidden row costs some microseconds more than an absent one). The compartment leads the key, so
-- that a look-up never touches another compartment's rows. No foreign key to `course`: its error would tell.
CREATE TABLE course_shielded_case (
  municipality text NOT NULL,
  compartment text NOT NULL,
  course uuid NOT NULL,
  case_id uuid NOT NULL,
  PRIMARY KEY (municipality, compartment, course, case_id)
);

ALTER TABLE course_shielded_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE course_shielded_case FORCE ROW LEVEL SECURITY;
GRANT SELECT ON course_shielded_case TO :room;

CREATE POLICY course_shielded_case_read ON course_shielded_case FOR SELECT TO :room USING (
  municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
  AND compartment = ANY ((SELECT nullif(current_setting('sluse.sees', true), '')::text[])::text[])
  AND EXISTS (SELECT FROM course c WHERE c.municipality = course_shielded_case.municipality AND c.id = course)
);
