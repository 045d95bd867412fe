-- The course as a test taken here (datasikkerhedskørekort, Datasikkerhed i borgerservicecentre §4): questions of the
-- municipality, and attempts of employees. An attempt keeps its questions as they were asked. Which options are right lies in
-- a table that no viewer's transaction can read.

-- ── Questions ──────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE course_question (
  municipality text NOT NULL,
  code text NOT NULL CHECK (length(code) BETWEEN 1 AND 100),
  question text NOT NULL CHECK (length(question) BETWEEN 1 AND 500),
  source text CHECK (length(source) BETWEEN 1 AND 200),
  right_answer text NOT NULL CHECK (length(right_answer) BETWEEN 1 AND 300),
  wrong_1 text NOT NULL CHECK (length(wrong_1) BETWEEN 1 AND 300),
  wrong_2 text CHECK (length(wrong_2) BETWEEN 1 AND 300),
  wrong_3 text CHECK (length(wrong_3) BETWEEN 1 AND 300),
  PRIMARY KEY (municipality, code)
);
ALTER TABLE course_question ENABLE ROW LEVEL SECURITY;
ALTER TABLE course_question FORCE ROW LEVEL SECURITY;
-- The room itself draws them. Nobody reads the bank with its answers.
CREATE POLICY drawing ON course_question FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'course'
  );
GRANT SELECT ON course_question TO :room;

-- ── Attempts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE course_attempt (
  municipality text NOT NULL,
  id uuid NOT NULL,
  employee uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('DATA_SECURITY')),
  -- [{"text", "source", "options": […]}, …] in the order in which they were shown.
  questions jsonb NOT NULL CHECK (jsonb_typeof(questions) = 'array'),
  -- How many right answers pass.
  needed integer NOT NULL,
  begun_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  judged_at timestamptz(3),
  right_count integer,
  PRIMARY KEY (municipality, id),
  CHECK (needed BETWEEN 1 AND jsonb_array_length(questions)),
  CHECK (right_count BETWEEN 0 AND jsonb_array_length(questions)),
  CHECK ((judged_at IS NULL) = (right_count IS NULL)),
  CHECK (judged_at >= begun_at AND judged_at < expires_at),
  FOREIGN KEY (municipality, employee) REFERENCES employee
);
CREATE INDEX course_attempt_by_employee ON course_attempt (municipality, employee, begun_at DESC, id);

-- Oneself at work: no citizen, no system, nobody who acts under a power of attorney.
CREATE FUNCTION is_oneself(employee uuid) RETURNS boolean
  LANGUAGE sql STABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
  SELECT coalesce(
    nullif(current_setting('sluse.person_kind', true), '') = 'Employee'
    AND nullif(current_setting('sluse.acting_for', true), '') IS NULL
    AND employee::text = nullif(current_setting('sluse.person', true), ''), false)
$$;

ALTER TABLE course_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE course_attempt FORCE ROW LEVEL SECURITY;
-- How often somebody failed is nobody else's to know: a manager sees that the course was passed.
CREATE POLICY ones_own ON course_attempt FOR SELECT TO :room
  USING (municipality = (SELECT nullif(current_setting('sluse.municipality', true), '')) AND is_oneself(employee));
CREATE POLICY begun ON course_attempt FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND is_oneself(employee)
    AND judged_at IS NULL
    AND EXISTS (SELECT FROM employee e
      WHERE e.municipality = course_attempt.municipality AND e.id = course_attempt.employee AND e.left_at IS NULL)
  );
-- Once: of two who judge at the same time, the second finds no row.
CREATE POLICY judged ON course_attempt FOR UPDATE TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND is_oneself(employee) AND judged_at IS NULL
  )
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND is_oneself(employee) AND judged_at IS NOT NULL
  );
GRANT SELECT, INSERT, UPDATE (judged_at, right_count) ON course_attempt TO :room;

-- For each question of an attempt, the place of the right option, from 1.
CREATE TABLE course_key (
  municipality text NOT NULL,
  attempt uuid NOT NULL,
  right_options integer[] NOT NULL,
  PRIMARY KEY (municipality, attempt),
  FOREIGN KEY (municipality, attempt) REFERENCES course_attempt
);
ALTER TABLE course_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE course_key FORCE ROW LEVEL SECURITY;
CREATE POLICY judging ON course_key FOR SELECT TO :room
  USING (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND (SELECT nullif(current_setting('sluse.task', true), '')) = 'course'
  );
CREATE POLICY with_the_attempt ON course_key FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND EXISTS (SELECT FROM course_attempt a
      WHERE a.municipality = course_key.municipality AND a.id = attempt AND a.judged_at IS NULL AND is_oneself(a.employee))
  );
GRANT SELECT, INSERT ON course_key TO :room;

-- ── What passing records ───────────────────────────────────────────────────────────────────────────────────────────────

-- A course is recorded by somebody else, or by an attempt that was passed.
ALTER TABLE course_record
  ALTER COLUMN recorded_by DROP NOT NULL,
  ADD COLUMN attempt uuid,
  ADD CHECK ((recorded_by IS NULL) = (attempt IS NOT NULL)),
  ADD UNIQUE (municipality, attempt),
  ADD FOREIGN KEY (municipality, attempt) REFERENCES course_attempt;
CREATE POLICY passed ON course_record FOR INSERT TO :room
  WITH CHECK (
    municipality = (SELECT nullif(current_setting('sluse.municipality', true), ''))
    AND is_oneself(employee)
    AND recorded_by IS NULL
    AND EXISTS (SELECT FROM course_attempt a
      WHERE a.municipality = course_record.municipality AND a.id = attempt AND a.employee = course_record.employee
        AND a.kind = course_record.kind AND a.right_count >= a.needed AND a.judged_at = recorded_at)
  );
