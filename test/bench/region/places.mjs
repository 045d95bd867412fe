/** The municipalities of a region: how large each is, and who lives and works there. The first is the largest, as a city is. */
import { drawsFor, idsFor } from './random.mjs';

/** Everything that was made lies before this moment. The demo has the same. */
export const now = Date.parse('2026-11-02T08:00:00.000Z');
export const day = 86_400_000;
export const dateOf = (time) => new Date(time).toISOString().slice(0, 10);

/** `total` divided in proportion to 1, 1/2, 1/3 …, with at least `least` for each. */
function divided(total, count, least = 0) {
  const weights = Array.from({ length: count }, (_none, nth) => 1 / (nth + 1));
  const sum = weights.reduce((one, other) => one + other);
  const parts = weights.map((weight) => Math.max(least, Math.floor((total * weight) / sum)));
  parts[0] += Math.max(0, total - parts.reduce((one, other) => one + other));
  return parts;
}

/** `known`: rows of the identity room's municipalities. */
export function placesOf({ municipalities, citizens, cases, courses }, known) {
  if (municipalities > known.length) throw new Error(`--municipalities: there are ${known.length} in Denmark`);
  const [ofCitizens, ofCases, ofCourses] = [
    divided(citizens, municipalities, 20),
    divided(cases, municipalities),
    divided(courses, municipalities),
  ];
  let [firstCitizen, firstCase] = [0, 0];
  return ofCitizens.map((count, nth) => {
    const place = {
      ...known[nth],
      nth,
      citizens: count,
      cases: ofCases[nth],
      courses: ofCourses[nth],
      firstCitizen,
      firstCase,
    };
    firstCitizen += count;
    firstCase += ofCases[nth];
    if (place.courses > adultsOf(place).count)
      throw new Error(`--courses: ${place.courses} courses for ${adultsOf(place).count} adults of ${place.name}`);
    return place;
  });
}

/** Of each ten citizens six are a family, as in the demo: families of four, two parents and two children. The others live alone. */
const familiesOf = ({ citizens }) => Math.floor((citizens * 0.6) / 4);
const inFamilies = (place) => 4 * familiesOf(place);

export const roleOf = (place, citizen) => {
  if (citizen >= inFamilies(place)) return 'SINGLE';
  return citizen % 4 < 2 ? 'PARENT' : 'CHILD';
};

/** Who else is in the family, by number. */
export const familyOf = (citizen) => {
  const first = citizen - (citizen % 4);
  return { parents: [first, first + 1], children: [first + 2, first + 3] };
};

/** Adults by a number of their own: parents, then who lives alone. */
export function adultsOf(place) {
  const parents = 2 * familiesOf(place);
  return {
    count: place.citizens - parents,
    at: (nth) => (nth < parents ? 4 * Math.floor(nth / 2) + (nth % 2) : nth + parents),
  };
}

export const childAt = (place, draw) => 4 * draw(familiesOf(place)) + 2 + draw(2);
export const spouseAt = (place, draw) => 4 * draw(familiesOf(place)) + draw(2);

/** When they are born, and the last four digits of their numbers. Children are born before the first case is opened. */
const births = {
  CHILD: { from: 2010, years: 9, serials: [4_000, 1_000] },
  PARENT: { from: 1975, years: 15, serials: [0, 2_000] },
  SINGLE: { from: 1940, years: 60, serials: [2_000, 2_000] },
};
const two = (value) => String(value).padStart(2, '0');

/** Replacement numbers (day + 60), which belong to nobody. Unique in the region: days first, then serial numbers. */
function bornOf(role, number) {
  const { from, years, serials } = births[role];
  const days = years * 12 * 28;
  const serial = Math.floor(number / days);
  if (serial >= serials[1]) throw new Error('--citizens: more than there are replacement numbers for');
  // 7,919 is a prime that no number of days shares a factor with: it visits each day once.
  const nth = (number * 7_919) % days;
  const [year, month, date] = [from + Math.floor(nth / 336), 1 + Math.floor((nth % 336) / 28), 1 + (nth % 28)];
  return {
    bornOn: `${year}-${two(month)}-${two(date)}`,
    cpr: `${two(date + 60)}${two(month)}${two(year % 100)}${String(serials[0] + serial).padStart(4, '0')}`,
  };
}

/** Units, one for each standing compartment, and the employees in them. */
export function peopleOf(seed, compartments, draw) {
  const ids = { citizen: idsFor(seed, 'citizen'), unit: idsFor(seed, 'unit'), employee: idsFor(seed, 'employee') };
  const draws = drawsFor(seed, 'name');
  const [given, family, streets] = namesFrom(draw);
  const nameAt = (number) => {
    const draw = draws(number);
    return {
      name: `${given[draw(given.length)]} ${family[draw(family.length)]}`,
      house: 1 + draw(99),
      street: streets[draw(streets.length)],
    };
  };
  const unitNumber = (place, unit) => place.nth * 100 + unit;
  const staffOf = (place) => Math.max(2, Math.ceil(place.cases / 10_000));
  const employee = (place, unit, nth) => ids.employee(unitNumber(place, unit) * 10_000 + nth);
  return {
    citizen: (place, citizen) => ids.citizen(place.firstCitizen + citizen),
    /** One of those who work with a compartment. */
    handler: (place, compartment, draw) => employee(place, 1 + compartments.indexOf(compartment), draw(staffOf(place))),
    municipalityUnit: (place) => ids.unit(unitNumber(place, 0)),
    *organisations(place) {
      yield [
        place.code,
        ids.unit(unitNumber(place, 0)),
        '11111111',
        `${place.name} Kommune`,
        'MUNICIPALITY',
        place.code,
      ];
      for (const [nth, compartment] of compartments.entries())
        yield [
          place.code,
          ids.unit(unitNumber(place, nth + 1)),
          '11111111',
          `Enhed for ${compartment}`,
          'DEPARTMENT',
          place.code,
        ];
    },
    *employees(place) {
      for (const [unit] of compartments.entries())
        for (let nth = 0; nth < staffOf(place); nth += 1)
          yield [
            place.code,
            employee(place, unit + 1, nth),
            nameAt(0x40000000 + unitNumber(place, unit + 1) * 10_000 + nth).name,
            ids.unit(unitNumber(place, unit + 1)),
          ];
    },
    *citizens(place) {
      for (let citizen = 0; citizen < place.citizens; citizen += 1) {
        const role = roleOf(place, citizen);
        const number = place.firstCitizen + citizen;
        const { name } = nameAt(number);
        const home = nameAt(role === 'SINGLE' ? number : number - (citizen % 4));
        const { cpr, bornOn } = bornOf(role, number);
        const postcode = String(1_000 + place.nth * 90);
        yield [
          place.code,
          ids.citizen(number),
          cpr,
          name,
          bornOn,
          `${home.street} ${home.house}`,
          postcode,
          place.name,
        ];
      }
    },
    *relations(place) {
      for (let first = 0; first < inFamilies(place); first += 4) {
        const [one, other, ...children] = [0, 1, 2, 3].map((nth) => ids.citizen(place.firstCitizen + first + nth));
        yield [place.code, one, other, 'SPOUSE', false];
        yield [place.code, other, one, 'SPOUSE', false];
        for (const parent of [one, other])
          for (const child of children) {
            yield [place.code, parent, child, 'CHILD', true];
            yield [place.code, child, parent, 'PARENT', true];
          }
      }
    },
  };
}

/** A few hundred Danish names of each sort, as the demo draws them. */
function namesFrom(draw) {
  const distinct = (kind, one) => [
    ...new Set(Array.from({ length: 300 }, (_none, nth) => draw(`region/${kind}/${nth}`, one))),
  ];
  return [
    distinct('given', ({ person }) => person.firstName()),
    distinct('family', ({ person }) => person.lastName()),
    distinct('street', ({ location }) => location.street()),
  ];
}
