/** The OIO Basic Privilege Profile, and how its constraints narrow a clearance. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { employeeId, municipality, organisationId } from '../../subgraphs/demo/people.js';
import { type PrivilegeGroup, readPrivileges, scopePrefixes } from '../../subgraphs/identity/sign-in/privileges.js';
import { assertedRights, privilegeMap } from '../../subgraphs/identity/sign-in/privileges-map.js';
import { narrow } from '../../subgraphs/identity/sign-in/privileges-narrow.js';
import { standingCompartments } from '../../subgraphs/protocol/compartments.js';
import type { Clearance } from '../../subgraphs/protocol/viewer.js';
import { base64 } from '../support/nemlogin.js';

const digst = 'http://digst.dk/oiosaml/basic_privilege_profile';
const itst = 'http://itst.dk/oiosaml/basic_privilege_profile';
const kombit = (name: string) => `http://sts.kombit.dk/constraints/${name}/1`;
const list = (inside: string, root = `bpp:PrivilegeList xmlns:bpp="${digst}"`) =>
  base64(`<?xml version="1.0" encoding="UTF-8"?><${root}>${inside}</${root.split(' ')[0]}>`);
const group = (inside: string, scope = `${scopePrefixes.cvr}11111111`) =>
  `<PrivilegeGroup Scope="${scope}">${inside}</PrivilegeGroup>`;
const one = '<Privilege>urn:example:one</Privilege>';
const refusedAs = (given: string) => {
  const read = readPrivileges(given);
  return 'refused' in read ? read.refused : read;
};

// ── any list, written in any of the ways in which providers write it ──

const uri = fc.stringMatching(/^urn:[a-z]{1,8}:[A-Za-z0-9_/.-]{1,20}$/);
const value = fc.stringMatching(/^[A-Za-z0-9.*_-]{1,12}$/);
const scope = fc.oneof(
  fc.tuple(fc.constantFrom('cvr', 'seNumber'), fc.stringMatching(/^\d{8}$/)),
  fc.tuple(fc.constantFrom('productionUnit', 'cpr'), fc.stringMatching(/^\d{10}$/)),
) as fc.Arbitrary<[PrivilegeGroup['scope']['kind'], string]>;
const groups = fc.array(
  fc.record({
    scope: scope.map(([kind, number]) => ({ kind, number })),
    privileges: fc.array(uri, { minLength: 1, maxLength: 4 }),
    constraints: fc.array(fc.record({ name: uri, values: fc.array(value, { minLength: 1, maxLength: 3 }) }), {
      maxLength: 3,
    }),
  }),
  { maxLength: 4 },
);
const blank = fc.stringMatching(/^[ \t\n]{0,3}$/);
const writing = fc.record({
  namespace: fc.constantFrom(digst, itst),
  root: fc.constantFrom('', 'bpp', 'x'),
  child: fc.constantFrom('none', 'root', 'own'),
  blank,
  order: fc.infiniteStream(fc.integer()),
  every: fc.integer({ min: 1, max: 80 }),
});

describe('a list of privileges', () => {
  it('is read alike however it is prefixed, ordered, spaced and wrapped', () => {
    fc.assert(
      fc.property(groups, writing, (given, { namespace, root, child, blank, order, every }) => {
        const prefix = { none: root === '' ? 'q:' : '', root: root && `${root}:`, own: 'own:' }[child];
        const declared =
          child === 'own' ? ` xmlns:own="${namespace}"` : prefix === 'q:' ? ` xmlns:q="${namespace}"` : '';
        const element = (name: string, attributes: string, text: string) =>
          `${blank}<${prefix}${name}${attributes}>${blank}${text}${blank}</${prefix}${name}>${blank}`;
        const shuffled = (parts: string[]) =>
          parts
            .map((part) => [order.next().value as number, part] as const)
            .sort(([a], [b]) => a - b)
            .map(([, part]) => part);
        const body = given.map(({ scope, privileges, constraints }) => {
          const mixed = shuffled([
            ...privileges.map((text, n) => `${n}${element('Privilege', '', text)}`),
            ...constraints.map(
              (c, n) => `${n}${element('Constraint', ` Name="${c.name}"`, c.values.join(`${blank},${blank}`))}`,
            ),
          ]);
          // Their order among their own kind is kept; that between the kinds is not.
          const kinds = (kind: string) =>
            mixed.filter((part) => part.includes(`${prefix}${kind}`)).sort((a, b) => parseInt(a, 10) - parseInt(b, 10));
          const [p, c] = [kinds('Privilege'), kinds('Constraint')];
          const inside = mixed
            .map((part) => (part.includes(`${prefix}Privilege`) ? p : c).shift()!.replace(/^\d+/, ''))
            .join('');
          return element(
            'PrivilegeGroup',
            ` Scope="${scopePrefixes[scope.kind]}${scope.number}"`,
            `<!-- a group -->${inside}`,
          );
        });
        const name = `${root ? `${root}:` : ''}PrivilegeList`;
        const xml = `<${name} xmlns${root ? `:${root}` : ''}="${namespace}"${declared}>${body.join('')}</${name}>`;
        const wrapped = base64(xml).replace(new RegExp(`.{${every}}`, 'g'), '$&\r\n ');
        expect(readPrivileges(wrapped)).toEqual({ groups: given });
      }),
      { numRuns: 300 },
    );
  });

  it('never throws, whatever is sent', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map(base64),
          fc.string().map((text) => list(group(text))),
        ),
        (text) => {
          readPrivileges(text);
        },
      ),
    );
  });

  it('may be empty', () => {
    expect(readPrivileges(list(''))).toEqual({ groups: [] });
  });

  it.each<[string, string, string]>([
    ['not base64', 'not base64', '<PrivilegeList/>'],
    ['base64 of a wrong length', 'not base64', 'abcde'],
    ['bytes that are no UTF-8', 'not UTF-8', Buffer.from([0xff, 0xfe, 0x41]).toString('base64')],
    ['no XML', 'not well-formed XML', base64('hello')],
    ['an element that is not closed', 'not well-formed XML', base64(`<PrivilegeList xmlns="${digst}">`)],
    ['two roots', 'not well-formed XML', base64(`<PrivilegeList xmlns="${digst}"/><x/>`)],
    ['an attribute twice', 'not well-formed XML', list('<PrivilegeGroup Scope="a" Scope="b"/>')],
    [
      'a DOCTYPE',
      'a DOCTYPE is not allowed',
      base64(`<!DOCTYPE x [<!ENTITY e "x">]><PrivilegeList xmlns="${digst}"/>`),
    ],
    ['a DOCTYPE in small letters', 'a DOCTYPE is not allowed', base64(`<!doctype x><PrivilegeList xmlns="${digst}"/>`)],
    ['an entity that is not declared', 'not well-formed XML', list(group('<Privilege>urn:a:&e;</Privilege>'))],
    ['another root', 'the root is no PrivilegeList of the profile', list('', `bpp:Privileges xmlns:bpp="${digst}"`)],
    ['no namespace', 'the root is no PrivilegeList of the profile', list('', 'PrivilegeList')],
    ['a namespace alike', 'the root is no PrivilegeList of the profile', list('', `PrivilegeList xmlns="${digst}/"`)],
    ['another element', 'expected a PrivilegeGroup', list(one)],
    ['another element in a group', 'expected a Privilege or a Constraint', list(group(`${one}<Grant>x</Grant>`))],
    [
      'an element of another namespace',
      'an element of another namespace',
      list(group('<Privilege xmlns="urn:x">urn:a:b</Privilege>')),
    ],
    ['text between the elements', 'expected elements only', list(group(`${one}and more`))],
    ['a processing instruction', 'expected elements only', list(group(`${one}<?x y?>`))],
    ['a comment within a privilege', 'expected text only', list(group('<Privilege>urn:a:b<!-- -->c</Privilege>'))],
    ['CDATA', 'expected text only', list(group('<Privilege><![CDATA[urn:a:b]]></Privilege>'))],
    ['a group without a privilege', 'a group without a Privilege', list(group(''))],
    ['a privilege that is no URI', 'a privilege that is no URI', list(group('<Privilege>all of it</Privilege>'))],
    ['no scope', 'a scope that is none of the profile', list(`<PrivilegeGroup>${one}</PrivilegeGroup>`)],
    ['a scope of seven digits', 'a scope that is none of the profile', list(group(one, `${scopePrefixes.cvr}1111111`))],
    [
      'a scope with more behind it',
      'a scope that is none of the profile',
      list(group(one, `${scopePrefixes.cvr}11111111&#10;`)),
    ],
    [
      'a scope of another kind',
      'a scope that is none of the profile',
      list(group(one, 'urn:dk:gov:saml:Everything:11111111')),
    ],
    [
      'a constraint without a value',
      'a constraint without a value',
      list(group(`${one}<Constraint Name="urn:a:b">x,,y</Constraint>`)),
    ],
    ['a constraint without a name', 'a privilege that is no URI', list(group(`${one}<Constraint>x</Constraint>`))],
    ['6,000 privileges', 'the list is too long', list(group('<Privilege>urn:a:b</Privilege>'.repeat(6_000)))],
    ['a megabyte', 'the list is too long', 'A'.repeat(1_000_000)],
  ])('with %s is refused as a whole: %s', (_, reason, given) => {
    const bad = refusedAs(given);
    expect(bad).toBe(reason);
  });

  it('is refused for its last group although the first is good', () => {
    expect(refusedAs(list(`${group(one)}${group(one, 'x')}`))).toBe('a scope that is none of the profile');
  });

  it('is never quoted in the reason: a scope may be a CPR number', () => {
    const bad = `${scopePrefixes.cpr}02016099951`;
    expect(refusedAs(list(group(one, bad)))).not.toContain('0201');
  });
});

describe('rights from privileges', () => {
  const map = privilegeMap('{"urn:example:one":"SMDB_REPORTER","urn:example:two":"CASEWORKER"}');
  const groupOf = (over: Partial<PrivilegeGroup>): PrivilegeGroup => ({
    scope: { kind: 'cvr', number: '11111111' },
    privileges: ['urn:example:one'],
    constraints: [],
    ...over,
  });
  const kle = { name: kombit('KLE'), values: ['27.*'] };

  it('are given by the whole URI: nothing that only begins with it, ends with it or is written otherwise', () => {
    const privileges = [
      'urn:example:one1',
      'urn:example:on',
      'URN:example:one',
      'urn:example:one/',
      'xurn:example:one',
    ];
    expect(assertedRights([groupOf({ privileges })], map, () => 'o')).toEqual({ rights: [], unknown: privileges });
    const [privilege] = ['__proto__:x'];
    expect(assertedRights([groupOf({ privileges: [privilege!] })], map, () => 'o').rights).toEqual([]);
  });

  it('of several groups are alternatives of one right, and a group without constraints is one', () => {
    const given = [groupOf({ constraints: [kle] }), groupOf({ privileges: ['urn:example:two', 'urn:example:one'] })];
    expect(assertedRights(given, map, () => 'o').rights).toEqual([
      { code: 'SMDB_REPORTER', organisation: 'o', constraints: [[kle], []] },
      { code: 'CASEWORKER', organisation: 'o', constraints: [[]] },
    ]);
  });

  it('are told of where they are unknown: so many, so long, and storable', () => {
    const privileges = Array.from({ length: 50 }, (_, n) => `urn:x:${n}\ud800${'y'.repeat(400)}`);
    const { unknown } = assertedRights([groupOf({ privileges })], map, () => 'o');
    expect(unknown).toHaveLength(20);
    for (const text of unknown) expect(text).toMatch(/^urn:x:\d+\ufffdy+…$/u);
    expect(Math.max(...unknown.map(({ length }) => length))).toBe(200);
  });

  it.each(['[]', '{"urn:a:b":"EVERYTHING"}', '{"no uri":"MANAGER"}', '{"urn:a:b":1}', 'x', '{"urn:a:b":"toString"}'])(
    'need a map that is one: not %s',
    (json) => {
      expect(() => privilegeMap(json)).toThrow();
    },
  );
});

describe('constraints', () => {
  const everything: Clearance[] = [
    ...standingCompartments(municipality).map(({ id, shielded }) => ({ id, shielded })),
    { id: `${municipality}.CASE.${employeeId('x')}`, shielded: true },
  ].map(({ id, shielded }) => ({ compartment: id, shielded, level: 'DOCUMENTS', operations: ['SEARCH'] }));
  const unit = { id: organisationId('family'), pNumber: '1000000003' };
  const left = (...constraints: [string, ...string[]][]) =>
    narrow(everything, [constraints.map(([name, ...values]) => ({ name, values }))], unit).map(({ compartment }) =>
      compartment.slice(municipality.length + 1),
    );
  const own = (...categories: string[]) => categories.map((category) => `MUNICIPALITY.${category}`);

  it('that are none narrow nothing; alternatives that are none leave nothing', () => {
    expect(left()).toHaveLength(everything.length);
    expect(narrow(everything, [], unit)).toEqual([]);
  });

  it.each<[string[], string[]]>([
    [['34.10.10', '34.10.30'], own('CHILD_CONCERN')],
    [['34.10'], own('CHILD_CONCERN')],
    [['34.10.*'], own('CHILD_CONCERN')],
    [['34.1*'], own('CHILD_CONCERN')],
    [['34.*'], [...own('CHILD_CONCERN', 'PLACEMENT', 'FAMILY_RESIDENCE'), 'CHILDREN_AND_YOUTH_COMMITTEE.BOARD_MATTER']],
    [['34'], [...own('CHILD_CONCERN', 'PLACEMENT', 'FAMILY_RESIDENCE'), 'CHILDREN_AND_YOUTH_COMMITTEE.BOARD_MATTER']],
    [['32.45.04'], own('SOCIAL_FRAUD')],
    [['32.4*'], own('SOCIAL_FRAUD')],
    // One class of three is not all of them.
    [['27.25.08'], []],
    [['27.25.00', '27.25.08', '27.25.12'], own('SSP')],
    [['27.51.04'], []],
    [['27.51.04', '29.24.*'], own('DRUG_TREATMENT')],
    [['02.00.10', '03.09'], ['FENCE_INSPECTION.BOARD_MATTER']],
    [['*', '', '.*', '3*', '32.45.04.*', '32.45.0', '32.45.04 ', '32_45_04', '(.*)'], []],
  ])('of KLE leave compartments all of whose classes they cover: %j', (values, kept) => {
    expect(left([kombit('KLE'), ...values])).toEqual(kept);
  });

  it('of foelsomhed are hierarchical', () => {
    const ordinary = ['HOUSING_BENEFIT', 'CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'RELOCATION', 'CASH_BENEFIT'];
    const level = (...values: string[]) => left([kombit('foelsomhed'), ...values]);
    expect(level('IKKE_FORTROLIGE_DATA')).toEqual(own('RELOCATION'));
    expect(level('FORTROLIGE_PERSONOPLYSNINGER')).toEqual(own(...ordinary));
    expect(level('IKKE_FORTROLIGE_DATA', 'FOELSOMME_PERSONOPLYSNINGER')).toEqual(own(...ordinary, 'DRUG_TREATMENT'));
    for (const highest of ['VIP_SAGER', 'Saerligt_beskyttede_oplysninger'])
      expect(level(highest)).toHaveLength(everything.length);
    expect(level('vip_sager', 'HEMMELIG', '')).toEqual([]);
  });

  it('of orgenhed hold for those who work in the unit', () => {
    const units = (...values: string[]) => left([kombit('orgenhed'), ...values]).length;
    expect(units(organisationId('family').toUpperCase())).toBe(everything.length);
    expect(units('x', '1000000003')).toBe(everything.length);
    expect(units('1000000004', organisationId('housing'))).toBe(0);
    expect(narrow(everything, [[{ name: kombit('orgenhed'), values: ['null'] }]], { ...unit, pNumber: null })).toEqual(
      [],
    );
  });

  it.each([kombit('itsystem'), 'http://sts.kombit.dk/constraints/KLE/2', 'KLE', 'urn:of:somebody', kombit('kle')])(
    'that are unknown leave nothing: %s',
    (name) => {
      expect(left([name, '34.*'])).toEqual([]);
      expect(left([kombit('KLE'), '34.10'], [name, 'x'])).toEqual([]);
    },
  );

  it('hold together within a group; of several groups one is enough', () => {
    const kle = (...values: string[]) => ({ name: kombit('KLE'), values });
    const high = { name: kombit('foelsomhed'), values: ['FORTROLIGE_PERSONOPLYSNINGER'] };
    expect(narrow(everything, [[kle('32.*'), high]], unit).map(({ compartment }) => compartment)).toEqual(
      ['HOUSING_BENEFIT', 'CHILD_SUPPORT', 'CASH_BENEFIT'].map(
        (category) => `${municipality}.MUNICIPALITY.${category}`,
      ),
    );
    expect(narrow(everything, [[kle('32.03')], [kle('34.25')]], unit)).toHaveLength(2);
    expect(narrow(everything, [[kle('32.03'), kle('34.25')]], unit)).toEqual([]);
  });

  it('never add to a clearance: what is left is a part of it, as it was', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.array(
            fc.record({ name: fc.constantFrom('KLE', 'foelsomhed', 'orgenhed').map(kombit), values: fc.array(value) }),
          ),
        ),
        fc.subarray(everything),
        (alternatives, clearance) => {
          for (const held of narrow(clearance, alternatives, unit)) expect(clearance).toContain(held);
        },
      ),
    );
  });
});
