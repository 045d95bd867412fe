/**
 * Pairs of citizens who are alike but for one thing: about one of each there is a case of social fraud. So whoever is not cleared for
 * those must be given the same bytes about both, in the same time.
 */
import pg from 'pg';
import { columns } from './region/cases.mjs';
import { openCopies } from './region/copy.mjs';
import { idsFor } from './region/random.mjs';

const municipality = '0999';
/** Serial numbers that nothing in the demo has. Of the last series there is no case. */
const serials = { ordinary: 500_000, other: 600_000, hidden: 700_000, absent: 800_000 };
const numberOf = (kle, serial) => `${kle}-G01-${serial}-25`;

/** Writes them beside the demo, and returns them: ids, numbers and CPR numbers of the hidden ones and of those that are not there. */
export async function writeTwins(ownerUrl, count) {
  const [citizens, cases] = [idsFor('timing', 'citizen'), idsFor('timing', 'case')];
  const copies = await openCopies(ownerUrl, {
    'identity.citizen': 'municipality, id, cpr, name, born_on, street, postcode, city',
    'cases.ordinary_case': columns.case,
    'cases.ordinary_party': columns.party,
    'cases.shielded_case': columns.case,
    'cases.shielded_party': columns.party,
  });
  const write = (storage, id, { category, kle, title, serial, citizen }) => {
    const compartment = `${municipality}.MUNICIPALITY.${category}`;
    copies.add(`cases.${storage}_case`, [
      ...[municipality, id, compartment, 'MUNICIPALITY', category, numberOf(kle, serial), title, kle, 'OPLYST'],
      ...['FORTROLIGE_PERSONOPLYSNINGER', '2025-03-03', null, '2025-03-04T09:00:00.000Z', null],
    ]);
    copies.add(`cases.${storage}_party`, [municipality, id, citizen, compartment, 'PRIMARY']);
  };
  const twins = [];
  try {
    for (let pair = 0; pair < count; pair += 1) {
      const both = [0, 1].map((which) => {
        const nth = 2 * pair + which;
        const id = citizens(nth);
        const cpr = `610150${3_000 + nth}`;
        copies.add('identity.citizen', [
          municipality,
          id,
          cpr,
          'Tvilling Prøve',
          '1950-01-01',
          'Prøvevej 1',
          '9990',
          'Korsbæk',
        ]);
        const housing = {
          category: 'HOUSING_BENEFIT',
          kle: '32.03.12',
          title: 'Boligstøtte, ny ansøgning',
          citizen: id,
        };
        for (const place of [0, 1])
          write('ordinary', cases(8 * nth + place), { ...housing, serial: serials.ordinary + 2 * nth + place });
        // What somebody cleared for placements sees of both.
        const placement = { category: 'PLACEMENT', kle: '34.25.00', title: 'Frivillig anbringelse', citizen: id };
        write('shielded', cases(8 * nth + 2), { ...placement, serial: serials.other + nth });
        return { citizen: id, cpr, id: cases(8 * nth + 3) };
      });
      const [hidden, absent] = both;
      const fraud = {
        category: 'SOCIAL_FRAUD',
        kle: '32.45.04',
        title: 'Kontrol, reelt enlig',
        citizen: hidden.citizen,
      };
      write('shielded', hidden.id, { ...fraud, serial: serials.hidden + pair });
      twins.push({
        hidden: { ...hidden, number: numberOf(fraud.kle, serials.hidden + pair) },
        absent: { ...absent, number: numberOf(fraud.kle, serials.absent + pair) },
      });
      await copies.sent();
    }
    await copies.end();
  } finally {
    await copies.close();
  }
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  await owner.query('VACUUM (ANALYZE)').finally(() => owner.end());
  return twins;
}
