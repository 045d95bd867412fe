/** The cases of a region with their parties and documents, of the demo's kinds: 6 % shielded, in all compartments and authorities. */

import { adultsOf, childAt, dateOf, day, familyOf, now, roleOf, spouseAt } from './places.mjs';
import { byShare, drawsFor, idsFor } from './random.mjs';

const shielded = 6;
const facet = 'G01';
/** More than any case has. */
const documentNumbers = 4;

const childIsPrimary = ['CHILD_CONCERN', 'PLACEMENT', 'SSP', 'CHILDREN_AND_YOUTH_COMMITTEE'];
const parentIsPrimary = ['CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'FAMILY_RESIDENCE'];
const alone = ['DRUG_TREATMENT', 'FOLKEOPLYSNING_COMMITTEE', 'LICENSING_BOARD', 'RENT_BOARD'];

/** `kinds`: what the demo knows of kinds of cases. `people`: `peopleOf` of places.mjs. `lastSerial`: the number that each series goes on from. */
export function casesOf(seed, { kinds, authorities, people, lastSerial = 0 }) {
  const [caseId, documentId] = [idsFor(seed, 'case'), idsFor(seed, 'document')];
  const drawsOf = drawsFor(seed, 'case');
  const ordinaryCategory = byShare(kinds.ordinaryShares);
  const shieldedCategory = byShare(kinds.shieldedShares);
  const boards = authorities.filter((authority) => authority !== 'MUNICIPALITY');
  const pick = (from, draw) => from[draw(from.length)];

  return function* casesIn(place) {
    /** The last number of each series. */
    const series = new Map();
    for (let nth = 0; nth < place.cases; nth += 1) {
      const number = place.firstCase + nth;
      const draw = drawsOf(number);
      const isShielded = draw(100) < shielded;
      const category = (isShielded ? shieldedCategory : ordinaryCategory)(draw);
      const authority = category === 'BOARD_MATTER' ? pick(boards, draw) : 'MUNICIPALITY';
      const unit = `${authority}.${category}`;
      const compartment = `${place.code}.${unit}`;
      const dates = datesOf(draw);
      const kle = pick(kinds.kleWhen(dates.openedOn, authority, category), draw);
      const key = `${compartment}\t${kle}\t${facet}\t${dates.openedOn.slice(0, 4)}`;
      const serial = (series.get(key) ?? lastSerial) + 1;
      series.set(key, serial);
      const progress = progressOf(dates, draw);
      const id = caseId(number);
      yield {
        ...{ isShielded, id, compartment, category },
        row: [
          ...[
            place.code,
            id,
            compartment,
            authority,
            category,
            `${kle}-${facet}-${serial}-${dates.openedOn.slice(2, 4)}`,
          ],
          ...[
            pick(kinds.titlesOf(authority, category), draw),
            kle,
            progress,
            sensitivityOf(category, isShielded, draw),
          ],
          ...[dates.openedOn, dates.closedOn, dates.changedAt, people.handler(place, unit, draw)],
        ],
        parties: partiesOf(place, authority === 'MUNICIPALITY' ? category : authority, draw),
        documents: documentsOf(dates, progress, draw).map((document, nth) => [
          ...[place.code, id, documentId(number * documentNumbers + nth), compartment],
          ...(nth === 0 ? ['INCOMING', kinds.incomingTitle(category), 'application/pdf', null] : document.form),
          document.at,
        ]),
      };
    }
    return series;
  };
}

export const columns = {
  case: 'municipality, id, compartment, authority, category, number, title, kle, progress, sensitivity, opened_on, closed_on, changed_at, handler',
  party: 'municipality, case_id, citizen, compartment, role',
  document: 'municipality, case_id, id, compartment, kind, title, media_type, text, recorded_at',
  number_series: 'municipality, compartment, kle, facet, year, last',
};

/** Opened within six years, usually closed, last changed between opening and now. */
function datesOf(draw) {
  const age = 20 + draw(2_170);
  const opened = now - (now % day) - age * day;
  const closed = draw(100) < 55 ? opened + (10 + draw(age - 12)) * day : null;
  const changed = closed ?? opened + draw(age) * day;
  return {
    ...{ age, opened, changed, openedOn: dateOf(opened), closedOn: closed === null ? null : dateOf(closed) },
    changedAt: new Date(changed + draw(8 * 3_600_000)).toISOString(),
  };
}

function progressOf({ age, closedOn }, draw) {
  if (closedOn) return 'AFSLUTTET';
  if (age < 60) return ['OPSTAAET', 'OPSTAAET', 'OPLYST'][draw(3)];
  return age < 240 ? ['OPLYST', 'OPLYST', 'AFGJORT'][draw(3)] : ['AFGJORT', 'BESTILT', 'UDFOERT', 'UDFOERT'][draw(4)];
}

function sensitivityOf(category, isShielded, draw) {
  if (isShielded) return draw(10) === 0 ? 'VIP_SAGER' : 'FOELSOMME_PERSONOPLYSNINGER';
  if (category === 'DRUG_TREATMENT') return 'FOELSOMME_PERSONOPLYSNINGER';
  return category === 'RELOCATION' ? 'IKKE_FORTROLIGE_DATA' : 'FORTROLIGE_PERSONOPLYSNINGER';
}

/** Numbers of citizens with their roles, the primary party first. Nobody is there twice. */
function partiesOf(place, kind, draw) {
  if (childIsPrimary.includes(kind)) {
    const child = childAt(place, draw);
    const { parents } = familyOf(child);
    const custodians = draw(4) === 0 ? parents.slice(0, 1) : parents;
    return [[child, 'PRIMARY'], ...custodians.map((parent) => [parent, 'SECONDARY'])];
  }
  if (parentIsPrimary.includes(kind)) {
    const child = childAt(place, draw);
    const { parents } = familyOf(child);
    const primary = draw(2);
    const isPartner = kind !== 'CHILD_SUPPORT' && draw(2) === 0;
    return [[parents[primary], 'PRIMARY'], [child, 'CHILD'], ...(isPartner ? [[parents[1 - primary], 'PARTNER']] : [])];
  }
  if (kind === 'MARRIAGE_AUTHORITY') {
    const spouse = spouseAt(place, draw);
    return [
      [spouse, 'PRIMARY'],
      [familyOf(spouse).parents[1 - (spouse % 2)], 'PARTNER'],
    ];
  }
  const adults = adultsOf(place);
  const nth = draw(adults.count);
  const primary = adults.at(nth);
  if (kind === 'FENCE_INSPECTION')
    // Two or more further: not of the same family.
    return [
      [primary, 'PRIMARY'],
      [adults.at((nth + 2 + draw(adults.count - 3)) % adults.count), 'OTHER'],
    ];
  if (alone.includes(kind) || roleOf(place, primary) === 'SINGLE') return [[primary, 'PRIMARY']];
  const { parents, children } = familyOf(primary);
  const partner = parents[0] === primary ? parents[1] : parents[0];
  const isAboutChildren = kind !== 'SOCIAL_FRAUD' && kind !== 'CASH_BENEFIT';
  return [
    [primary, 'PRIMARY'],
    ...(draw(2) === 0 ? [[partner, 'PARTNER']] : []),
    ...(isAboutChildren ? children.filter(() => draw(2) === 0).map((child) => [child, 'CHILD']) : []),
  ];
}

const later = [
  ['OUTGOING', 'Partshøring', 'text/plain', 'Bemærkninger bedes sendt inden 14 dage.'],
  ['INTERNAL', 'Notat', 'text/plain', 'Telefonisk kontakt; sagen er oplyst.'],
];
const decision = ['OUTGOING', 'Afgørelse', 'text/plain', 'Afgørelsen er truffet på det oplyste grundlag.'];

/** None to three: what came in, what was written, and the decision last, once there is one. */
function documentsOf({ opened, changed }, progress, draw) {
  const count = draw(documentNumbers);
  const seconds = Math.max(1, Math.floor((changed - opened) / 1_000));
  const times = Array.from({ length: count }, () => draw(seconds)).sort((one, other) => one - other);
  const isDecided = progress !== 'OPSTAAET' && progress !== 'OPLYST';
  return times.map((at, nth) => ({
    at: new Date(opened + at * 1_000).toISOString(),
    form: isDecided && nth === count - 1 ? decision : later[draw(2)],
  }));
}
