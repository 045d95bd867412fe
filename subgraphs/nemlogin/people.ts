/** The people whom the stand-in knows, and what it asserts about them: the attributes and privileges of OIOSAML 3. */
import { markup } from './markup.js';
import { type Assurance, core, eid, nsis } from './names.js';

export interface NemLoginPerson {
  readonly key: string;
  /** In Danish, for the log-in page. */
  readonly title: string;
  readonly uuid: string;
  readonly name: string;
  /** Set for somebody who signs in as an employee. */
  readonly professional: {
    readonly cvr: string;
    readonly orgName: string;
    readonly productionUnit: string | null;
  } | null;
  /** Set for somebody who signs in as a citizen. */
  readonly citizen: { readonly cprNumber: string; readonly cprUuid: string } | null;
  readonly privileges: readonly DemoPrivileges[];
}

/** Privileges (URIs) for one organisation, person or unit. Constraints are by name. */
export interface DemoPrivileges {
  readonly scope: string;
  readonly uris: readonly string[];
  readonly constraints?: Readonly<Record<string, string>>;
}

export const nameIdOf = ({ professional, uuid }: NemLoginPerson): string =>
  `${eid}${professional ? 'professional' : 'person'}/uuid/${uuid}`;

export function attributesOf(person: NemLoginPerson, assurance: Assurance): Record<string, string> {
  const { professional, citizen, privileges } = person;
  return {
    [`${core}specVersion`]: 'OIO-SAML-3.0',
    [`${eid}fullName`]: person.name,
    [`${nsis}loa`]: assurance,
    [`${nsis}ial`]: assurance,
    [`${nsis}aal`]: assurance,
    ...(professional && {
      [`${eid}professional/uuid/persistent`]: person.uuid,
      [`${eid}professional/cvr`]: professional.cvr,
      [`${eid}professional/orgName`]: professional.orgName,
      ...(professional.productionUnit && { [`${eid}professional/productionUnit`]: professional.productionUnit }),
    }),
    ...(citizen && { [`${eid}cprNumber`]: citizen.cprNumber, [`${eid}cprUuid`]: citizen.cprUuid }),
    ...(privileges.length > 0 && { [`${eid}privilegesIntermediate`]: encodedPrivileges(privileges) }),
  };
}

/** OIO Basic Privilege Profile, in base64. */
function encodedPrivileges(groups: readonly DemoPrivileges[]): string {
  const list = markup`<?xml version="1.0" encoding="UTF-8"?>
<bpp:PrivilegeList xmlns:bpp="http://digst.dk/oiosaml/basic_privilege_profile">${groups.map(
    ({ scope, uris, constraints = {} }) =>
      markup`<PrivilegeGroup Scope="${scope}">${uris.map(
        (uri) => markup`<Privilege>${uri}</Privilege>`,
      )}${Object.entries(constraints).map(
        ([name, values]) => markup`<Constraint Name="${name}">${values}</Constraint>`,
      )}</PrivilegeGroup>`,
  )}</bpp:PrivilegeList>`;
  return Buffer.from(list.text).toString('base64');
}
