/** The enums of the smdb room. Danish terms are in the descriptions of the values. */
import { enumType } from '../protocol/enum-type.js';
import { type FormKind, type outcomes, variablesOf } from './forms.js';

const withVariables = (kind: FormKind, meaning: string) => `${meaning} Variables: ${variablesOf(kind).join(', ')}.`;

const formKinds: Readonly<Record<FormKind, string>> = {
  REQUEST: withVariables(
    'REQUEST',
    'Request for treatment ("Registrer anmodning"); reported by the authority. Opens a course.',
  ),
  START_TREATMENT: withVariables(
    'START_TREATMENT',
    'Treatment starts ("Iværksæt behandling"); reported by the authority.',
  ),
  CENTRE_ASSIGNMENT: withVariables('CENTRE_ASSIGNMENT', 'Assignment to a treatment centre ("Tilbudstilknytning").'),
  HEPATITIS_C: withVariables('HEPATITIS_C', 'Hepatitis C; health rights only.'),
  MEDICAL_QUALITY: withVariables(
    'MEDICAL_QUALITY',
    'Quality of the medical treatment ("Kvalitet i den lægefaglige behandling"); health rights only.',
  ),
  ENROLMENT: withVariables('ENROLMENT', 'Enrolment at a centre ("Indskrivning"), with its ICD-10 diagnosis.'),
  ASI: withVariables('ASI', 'Addiction Severity Index interview.'),
  SERVICE: withVariables('SERVICE', 'A service given ("Tilknyt ydelse").'),
  DISCHARGE: withVariables('DISCHARGE', 'Discharge from a centre ("Udskrivning").'),
  END_TREATMENT: withVariables(
    'END_TREATMENT',
    'Treatment ends ("Afslut behandling"), with its outcome; reported by the authority.',
  ),
};
export const SmdbFormKind = enumType(
  'SmdbFormKind',
  'The forms of Stofmisbrugsdatabasen (SMDB), in the order of a course of treatment.',
  formKinds,
);

export const TreatmentOutcome = enumType('TreatmentOutcome', 'How a course of treatment ended.', {
  DRUG_FREE: 'The citizen is free of drugs.',
  REDUCED_OR_STABILISED: 'The misuse is reduced or stabilised.',
  OTHER: 'Any other outcome.',
} satisfies Record<(typeof outcomes)[number], string>);

export const FormStatus = enumType('FormStatus', 'Status of a form since it was reported.', {
  REPORTED: 'As it was first reported.',
  CORRECTED: 'Corrected since; `versions` holds the earlier answers.',
  WITHDRAWN: 'Withdrawn: it no longer counts.',
});
