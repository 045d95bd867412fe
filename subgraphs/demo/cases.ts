/**
 * The cases of Korsbæk: 8,000 of them, 480 shielded. An ordinary case depends on its own index only, and number series run per
 * compartment, so the world without shielded cases has the same rows otherwise.
 *
 * Citizen 0 is a party of two ordinary and three shielded cases, citizen 1 of two ordinary ones, and neither of any other, so the
 * expected answers about them are easy to remember.
 */
import { type CaseCategory, isShieldedCategory, kleOf } from '../protocol/compartments.js';
import { type DemoCaseReference, type Outline, ordinaryOutlines, pick, shieldedOutlines } from './case-outlines.js';
import { type DemoCitizen, type DemoEmployee, demoNow, municipality, organisationId } from './people.js';
import { idFor, numberFor } from './random.js';

/** The ordinary cases of drug treatment, to which treatment courses may be linked. */
export const drugTreatmentCases = (citizens: readonly DemoCitizen[]): DemoCaseReference[] =>
  ordinaryOutlines(citizens)
    .filter(({ category }) => category === 'DRUG_TREATMENT')
    .map(reference);

/** Every ordinary case. The list is the same in both worlds. */
export const ordinaryCases = (citizens: readonly DemoCitizen[]): DemoCaseReference[] =>
  ordinaryOutlines(citizens).map(reference);

/** Every shielded case of the shielded world. The list is the same whichever world is made. */
export const shieldedCases = (citizens: readonly DemoCitizen[]): DemoCaseReference[] =>
  shieldedOutlines(citizens).map(reference);

export interface CasesOptions {
  /** Which of the two worlds: with or without the shielded cases and everything that belongs to them. */
  readonly shielded: boolean;
  readonly citizens: readonly DemoCitizen[];
  readonly employees: readonly DemoEmployee[];
}

/** Rows of the cases room by table, in the order in which they must be inserted. */
export function makeCases({ shielded, citizens, employees }: CasesOptions): {
  cases: Record<string, readonly object[]>;
} {
  const ordinary = rowsOf(ordinaryOutlines(citizens), citizens, employees);
  const secret = rowsOf(shielded ? shieldedOutlines(citizens) : [], citizens, employees);
  return {
    cases: {
      ordinary_case: ordinary.cases,
      ordinary_party: ordinary.parties,
      ordinary_document: ordinary.documents,
      shielded_case: secret.cases,
      shielded_party: secret.parties,
      shielded_document: secret.documents,
      number_series: [...ordinary.series, ...secret.series],
    },
  };
}

const reference = ({ id, citizen, compartment, category }: Outline): DemoCaseReference => ({
  id,
  citizen,
  compartment,
  category,
});

const titles: Readonly<Record<string, readonly string[]>> = {
  HOUSING_BENEFIT: ['Boligstøtte, ny ansøgning', 'Boligstøtte, ændret husleje', 'Boligstøtte, årlig omregning'],
  CHILD_SUPPORT: ['Børnebidrag, ansøgning', 'Børnebidrag, forhøjelse', 'Børnebidrag, ændret samvær'],
  DAY_CARE_SUBSIDY: ['Økonomisk fripladstilskud', 'Fripladstilskud, ændret indkomst', 'Søskendetilskud'],
  RELOCATION: ['Flytning inden for kommunen', 'Tilflytning', 'Flytning, manglende anmeldelse'],
  CASH_BENEFIT: ['Kontanthjælp, ansøgning', 'Kontanthjælp, opfølgning', 'Enkeltydelse til flytning'],
  DRUG_TREATMENT: ['Stofmisbrugsbehandling, anmodning', 'Stofmisbrugsbehandling, behandlingsplan'],
  CHILD_CONCERN: ['Underretning, vurdering', 'Underretning fra skole', 'Børnefaglig undersøgelse'],
  PLACEMENT: ['Frivillig anbringelse', 'Anbringelse, opfølgning'],
  FAMILY_RESIDENCE: ['Ophold på familieinstitution'],
  SOCIAL_FRAUD: ['Kontrol, reelt enlig', 'Kontrol, folkeregisteradresse'],
  SSP: ['SSP, bekymringssamtale', 'SSP, handleplan'],
  BOARD_MATTER: ['Sag til afgørelse', 'Klage over afgørelse', 'Ansøgning til behandling'],
};

const units: Readonly<Record<CaseCategory, string>> = {
  HOUSING_BENEFIT: 'housing',
  CHILD_SUPPORT: 'citizen-service',
  DAY_CARE_SUBSIDY: 'citizen-service',
  RELOCATION: 'citizen-service',
  CASH_BENEFIT: 'citizen-service',
  DRUG_TREATMENT: 'drug-treatment',
  CHILD_CONCERN: 'family',
  PLACEMENT: 'family',
  FAMILY_RESIDENCE: 'family',
  SOCIAL_FRAUD: 'fraud-control',
  SSP: 'family',
  BOARD_MATTER: 'board-secretariat',
};

function rowsOf(outlines: readonly Outline[], citizens: readonly DemoCitizen[], employees: readonly DemoEmployee[]) {
  const families = grouped(citizens.slice(2), ({ family }) => family);
  const staff = grouped(employees, ({ organisation }) => organisation);
  const dated = outlines.map((made) => ({ ...made, ...datesOf(made.purpose) }));
  // Numbers follow the order in which the cases were opened.
  dated.sort((a, b) => (a.opened_on < b.opened_on ? -1 : a.opened_on > b.opened_on ? 1 : a.id < b.id ? -1 : 1));
  const series = new Map<string, { compartment: string; kle: string; facet: string; year: number; last: number }>();
  const numbered = dated.map((made) => {
    const kle = pick(`${made.purpose}/kle`, kleOf(made.authority, made.category));
    const year = Number(made.opened_on.slice(0, 4));
    const key = `${made.compartment} ${kle} ${year}`;
    const one = series.get(key) ?? { compartment: made.compartment, kle, facet: 'G01', year, last: 0 };
    one.last += 1;
    series.set(key, one);
    return { ...made, kle, number: `${kle}-G01-${one.last}-${String(year).slice(2)}` };
  });
  return {
    cases: numbered.map((made) => ({
      municipality,
      id: made.id,
      compartment: made.compartment,
      authority: made.authority,
      category: made.category,
      number: made.number,
      title: pick(`${made.purpose}/title`, titles[made.category]!),
      kle: made.kle,
      progress: made.closed_on ? 'AFSLUTTET' : pick(`${made.purpose}/progress`, openProgress),
      sensitivity: sensitivityOf(made),
      opened_on: made.opened_on,
      closed_on: made.closed_on,
      changed_at: made.changed_at,
      handler: pick(`${made.purpose}/handler`, staff.get(organisationId(units[made.category]))!).id,
    })),
    parties: numbered.flatMap((made) =>
      partiesOf(made, families.get(made.primary.family) ?? []).map(([citizen, role]) => ({
        municipality,
        compartment: made.compartment,
        case_id: made.id,
        citizen: citizen.id,
        role,
      })),
    ),
    documents: numbered.flatMap(documentsOf),
    series: [...series.values()].map((one) => ({ municipality, ...one })),
  };
}

function grouped<T, Key>(items: readonly T[], keyOf: (item: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

const openProgress = ['OPSTAAET', 'OPLYST', 'AFGJORT', 'BESTILT', 'UDFOERT'];

function sensitivityOf({ purpose, category }: Outline): string {
  if (isShieldedCategory(category))
    return numberFor(`${purpose}/sensitivity`, 10) === 0 ? 'VIP_SAGER' : 'FOELSOMME_PERSONOPLYSNINGER';
  if (category === 'DRUG_TREATMENT') return 'FOELSOMME_PERSONOPLYSNINGER';
  return category === 'RELOCATION' ? 'IKKE_FORTROLIGE_DATA' : 'FORTROLIGE_PERSONOPLYSNINGER';
}

const day = 86_400_000;

/** Opened within six years, usually closed, and last changed between opening and the demo's current time. */
function datesOf(purpose: string) {
  const age = 20 + numberFor(`${purpose}/opened`, 2_170);
  const opened = demoNow.getTime() - age * day;
  const closed =
    numberFor(`${purpose}/closed`, 100) < 55 ? opened + (10 + numberFor(`${purpose}/length`, age - 12)) * day : null;
  const until = closed ?? demoNow.getTime() - day;
  const changed = closed ?? opened + numberFor(`${purpose}/changed`, Math.floor((until - opened) / day) + 1) * day;
  return {
    opened_on: dateOf(opened),
    closed_on: closed === null ? null : dateOf(closed),
    changed_at: new Date(changed + numberFor(`${purpose}/time`, 8 * 3_600_000)).toISOString(),
  };
}

const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The primary party, and the family members whom the case is about. Nobody is a party of a case twice. */
function partiesOf({ purpose, category, primary }: Outline, family: readonly DemoCitizen[]) {
  const others = category === 'DRUG_TREATMENT' ? [] : family.filter((member) => member !== primary);
  const drawnIn = others.filter((member) => numberFor(`${purpose}/party/${member.index}`, 2) === 0);
  return [[primary, 'PRIMARY'] as const, ...drawnIn.map((member) => [member, roleOf(primary, member)] as const)];
}

const roleOf = (primary: DemoCitizen, member: DemoCitizen): string => {
  if (primary.role === 'CHILD') return member.role === 'CHILD' ? 'OTHER' : 'SECONDARY';
  return member.role === 'CHILD' ? 'CHILD' : 'PARTNER';
};

const documentForms = [
  { kind: 'INCOMING', title: 'Ansøgning', media_type: 'application/pdf', text: null },
  {
    kind: 'OUTGOING',
    title: 'Afgørelse',
    media_type: 'text/plain',
    text: 'Afgørelsen er truffet på det oplyste grundlag.',
  },
  { kind: 'OUTGOING', title: 'Partshøring', media_type: 'text/plain', text: 'Bemærkninger bedes sendt inden 14 dage.' },
  { kind: 'INTERNAL', title: 'Notat', media_type: 'text/plain', text: 'Telefonisk kontakt; sagen er oplyst.' },
];

const documentsOf = (made: Outline & { opened_on: string; changed_at: string }) =>
  Array.from({ length: numberFor(`${made.purpose}/documents`, 4) }, (_, n) => {
    const from = Date.parse(`${made.opened_on}T08:00:00.000Z`);
    const span = Math.max(1, Math.floor((Date.parse(made.changed_at) - from) / 1000));
    const purpose = `${made.purpose}/document/${n}`;
    return {
      municipality,
      compartment: made.compartment,
      case_id: made.id,
      id: idFor(purpose),
      ...pick(`${purpose}/form`, documentForms),
      recorded_at: new Date(from + numberFor(`${purpose}/at`, span) * 1000).toISOString(),
    };
  });
