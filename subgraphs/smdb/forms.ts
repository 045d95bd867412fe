/**
 * The forms of SMDB: their kinds, in the order of a course of treatment, and the answers each asks for. The answers follow Danmarks
 * Statistik's public description. The official XML schema could not be found, and this is not it.
 *
 * *Event*: what a form reports (a request, a start, an interview). Each form has one, on a day given in its answers.
 */
import { z } from 'zod';
import { Fault } from '../protocol/faults.js';
import { isProse } from '../protocol/lines.js';
import { formats, keptForm } from '../protocol/scalars.js';

export const kinds = [
  'REQUEST',
  'START_TREATMENT',
  'CENTRE_ASSIGNMENT',
  'HEPATITIS_C',
  'MEDICAL_QUALITY',
  'ENROLMENT',
  'ASI',
  'SERVICE',
  'DISCHARGE',
  'END_TREATMENT',
] as const;
export type FormKind = (typeof kinds)[number];

/** The two forms of health staff ("Sundhedsfaglig"). */
export const healthKinds: readonly FormKind[] = ['HEPATITIS_C', 'MEDICAL_QUALITY'];
export const otherKinds: readonly FormKind[] = kinds.filter((kind) => !healthKinds.includes(kind));

export const outcomes = ['DRUG_FREE', 'REDUCED_OR_STABILISED', 'OTHER'] as const;

/** The earliest calendar date in a report. PostgreSQL would refuse the year 0, which a `Date` may hold. */
const earliest = '1900-01-01';
const date = z
  .string({ error: formats.Date!.expected })
  .refine((value) => formats.Date!.accepts(value) && value >= earliest, { error: formats.Date!.expected });
const text = (longest: number) =>
  z
    .string()
    .max(longest)
    .refine((value) => !/[\0\p{Cs}]/u.test(value), { error: 'expected well-formed Unicode without NUL', abort: true })
    .refine((value) => value === '' || isProse(value, longest), {
      error: 'expected text that can be seen, without control characters other than line breaks',
    });
/** Accepts a P-number as people write it; stored as ten digits. */
const productionUnit = z
  .string()
  .transform((value) => String(keptForm('PNumber', value)))
  .refine((value) => formats.PNumber!.accepts(value), { error: formats.PNumber!.expected });
const asiScore = z.number().int().min(0).max(9).optional();

const answersOf = {
  REQUEST: z.strictObject({
    requestedOn: date,
    referredBy: z.enum(['SELF', 'FAMILY', 'DOCTOR', 'HOSPITAL', 'PROBATION', 'OTHER_AUTHORITY', 'OTHER']).optional(),
    remark: text(500).optional(),
  }),
  START_TREATMENT: z.strictObject({
    startedOn: date,
    treatment: z.enum(['OUTPATIENT', 'DAY', 'INPATIENT']).optional(),
  }),
  CENTRE_ASSIGNMENT: z.strictObject({
    assignedOn: date,
    centre: productionUnit,
  }),
  HEPATITIS_C: z.strictObject({
    testedOn: date,
    result: z.enum(['NEGATIVE', 'POSITIVE', 'NOT_TESTED', 'DECLINED']),
    treatmentOffered: z.boolean().optional(),
  }),
  MEDICAL_QUALITY: z.strictObject({
    assessedOn: date,
    medicalTreatmentStartedOn: date,
    medicalTreatmentEndedOn: date.optional(),
    medicine: z.enum(['METHADONE', 'BUPRENORPHINE', 'HEROIN', 'OTHER', 'NONE']),
    dailyDoseMilligrams: z.number().min(0).max(2_000).optional(),
  }),
  ENROLMENT: z.strictObject({
    enrolledOn: date,
    diagnosis: z.string().regex(/^[A-Z]\d\d(\.\d{1,2})?$/, { error: 'expected an ICD-10 code such as "F11.2"' }),
    mainDrug: z.enum(['OPIOIDS', 'CANNABIS', 'COCAINE', 'AMPHETAMINES', 'SEDATIVES', 'OTHER']).optional(),
  }),
  ASI: z.strictObject({
    interviewedOn: date,
    physicalHealth: asiScore,
    employment: asiScore,
    alcohol: asiScore,
    drugs: asiScore,
    crime: asiScore,
    family: asiScore,
    mentalHealth: asiScore,
  }),
  SERVICE: z.strictObject({
    startedOn: date,
    service: z.enum(['COUNSELLING', 'SUBSTITUTION', 'FAMILY_THERAPY', 'AFTERCARE', 'OTHER']),
    sessions: z.number().int().min(1).max(1_000).optional(),
  }),
  DISCHARGE: z.strictObject({
    dischargedOn: date,
    reason: z.enum(['COMPLETED', 'OWN_WISH', 'REFERRED', 'MOVED', 'DIED', 'OTHER']),
  }),
  END_TREATMENT: z.strictObject({ endedOn: date, outcome: z.enum(outcomes) }),
} satisfies Record<FormKind, z.ZodType>;

export type Answers<Kind extends FormKind = FormKind> = z.infer<(typeof answersOf)[Kind]>;

const eventVariable: Readonly<Record<FormKind, string>> = {
  REQUEST: 'requestedOn',
  START_TREATMENT: 'startedOn',
  CENTRE_ASSIGNMENT: 'assignedOn',
  HEPATITIS_C: 'testedOn',
  MEDICAL_QUALITY: 'assessedOn',
  ENROLMENT: 'enrolledOn',
  ASI: 'interviewedOn',
  SERVICE: 'startedOn',
  DISCHARGE: 'dischargedOn',
  END_TREATMENT: 'endedOn',
};

/**
 * Parses the answers that `kind` asks for. Returns them and the day of the event (YYYY-MM-DD), which may not be after `today`. Throws
 * `BAD_USER_INPUT` for anything else.
 */
export function parseAnswers(kind: FormKind, input: unknown, today: string): { answers: Answers; happenedOn: string } {
  const parsed = answersOf[kind].safeParse(input);
  if (!parsed.success) throw new Fault('BAD_USER_INPUT', whatIsWrong(kind, parsed.error.issues[0]!));
  const answers = parsed.data as Answers & Record<string, string>;
  const happenedOn = answers[eventVariable[kind]]!;
  if (happenedOn > today)
    throw new Fault('BAD_USER_INPUT', `${argument} "${eventVariable[kind]}" may not lie in the future.`);
  return { answers, happenedOn };
}

const argument = 'Argument "input.answers":';

/** Names only the variables of the form: an unknown name is the caller's own text, and may be a CPR number. */
function whatIsWrong(kind: FormKind, issue: z.core.$ZodIssue): string {
  const known = Object.keys(answersOf[kind].shape).join(', ');
  if (issue.path.length === 0) return `${argument} a ${kind} form takes an object with these variables: ${known}.`;
  return `${argument} "${issue.path.join('.')}" is malformed: ${issue.message}.`;
}

/** Variables of each form, for the schema's description. */
export const variablesOf = (kind: FormKind): string[] => Object.keys(answersOf[kind].shape);
