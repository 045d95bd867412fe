/** What the gateway tells the identity room of a validated assertion, for tests of the room by itself. */
import { randomUUID } from 'node:crypto';

export const eid = 'https://data.gov.dk/model/core/eid/';
const bpp = 'http://digst.dk/oiosaml/basic_privilege_profile';

export interface Group {
  readonly scope: string;
  readonly privileges: readonly string[];
  readonly constraints?: Readonly<Record<string, string>>;
}

export const cvr = (number: string): string => `urn:dk:gov:saml:cvrNumberIdentifier:${number}`;

export const privilegeList = (groups: readonly Group[]): string =>
  base64(
    `<bpp:PrivilegeList xmlns:bpp="${bpp}">${groups
      .map(
        ({ scope, privileges, constraints }) =>
          `<PrivilegeGroup Scope="${scope}">${Object.entries(constraints ?? {})
            .map(([name, value]) => `<Constraint Name="${name}">${value}</Constraint>`)
            .join('')}${privileges.map((uri) => `<Privilege>${uri}</Privilege>`).join('')}</PrivilegeGroup>`,
      )
      .join('')}</bpp:PrivilegeList>`,
  );

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Attributes of an employee, in OIOSAML 3. */
export const professional = (over: {
  uuid: string;
  cvr?: string;
  name?: string;
  productionUnit?: string;
  groups?: readonly Group[];
}): Record<string, string> => ({
  [`${eid}professional/uuid/persistent`]: over.uuid,
  [`${eid}professional/cvr`]: over.cvr ?? '11111111',
  [`${eid}fullName`]: over.name ?? 'Test Testesen',
  ...(over.productionUnit && { [`${eid}professional/productionUnit`]: over.productionUnit }),
  ...(over.groups && { [`${eid}privilegesIntermediate`]: privilegeList(over.groups) }),
});

/** The body of `finish-sign-in`, of an answer at `now`. */
export const anAnswer = (now: Date, attributes: Record<string, string>, over: object = {}) => ({
  municipality: '0999',
  request: `_${randomUUID()}`,
  browser: 'the secret of a browser that began it',
  assertion: { id: `_${randomUUID()}`, notOnOrAfter: new Date(now.getTime() + 5 * 60_000).toISOString() },
  issuer: 'https://idp.example',
  nameId: nameIdOf(attributes),
  sessionIndex: `_${randomUUID()}`,
  authnInstant: now.toISOString(),
  assurance: 'Substantial',
  attributes,
  workstation: '10.0.0.1',
  ...over,
});

const nameIdOf = (attributes: Record<string, string>): string => {
  const uuid = attributes[`${eid}professional/uuid/persistent`];
  return uuid ? `${eid}professional/uuid/${uuid}` : `${eid}person/uuid/${randomUUID()}`;
};
