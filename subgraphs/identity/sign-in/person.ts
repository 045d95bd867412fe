/**
 * Finds the person whom an assertion is about, by the attribute names of OIOSAML 3 and of OIOSAML 2.0.9: an employee by the identity
 * provider's own name of the professional, a citizen by CPR number or UUID. An unknown employee is added if the employer is in the
 * register and the assertion holds a right that is known here.
 */

import type { RoomServices } from '../../kit/subgraph.js';
import type { Transaction } from '../../postgres/database.js';
import { lineOf } from '../../protocol/lines.js';
import type { PersonReference } from '../../protocol/viewer.js';
import { type PrivilegeGroup, readPrivileges } from './privileges.js';
import { assertedRights, type PrivilegeMap } from './privileges-map.js';
import * as store from './store.js';

export type AssertedIdentity = Professional | Private;

interface Professional {
  readonly kind: 'Employee';
  /** The provider's name of the person, in one form. */
  readonly key: string;
  readonly name: string | null;
  readonly cvr: string;
  readonly productionUnit: string | null;
  readonly seNumber: string | null;
  /** Base64; `null` if none were asserted. */
  readonly privileges: string | null;
}

interface Private {
  readonly kind: 'Citizen';
  readonly key: string;
  readonly cpr: string | null;
  readonly uuid: string | null;
}

const eid = 'https://data.gov.dk/model/core/eid/';
const old = 'dk:gov:saml:attribute:';

/** `null` if the assertion identifies nobody. Somebody asserted as a professional is not signed in as a private person. */
export function identityOf(answer: {
  readonly nameId: string;
  readonly attributes: Readonly<Record<string, string>>;
}): AssertedIdentity | null {
  const given = (...names: string[]): string | null => {
    for (const name of names) {
      const value = Object.hasOwn(answer.attributes, name) ? answer.attributes[name]!.trim() : '';
      if (value) return value;
    }
    return null;
  };
  const named = nameOf(answer.nameId);
  const cvr = given(`${eid}professional/cvr`, `${old}CvrNumberIdentifier`);
  const rid = given(`${old}RidNumberIdentifier`, `${eid}professional/rid`);
  const professional =
    uuidOf(given(`${eid}professional/uuid/persistent`)) ?? (named?.kind === 'professional' ? named.uuid : null);
  if (cvr !== null || rid !== null || professional !== null) {
    const key = professional ?? (cvr && rid && `CVR:${cvr}-RID:${rid}`);
    if (!key || !cvr || !/^\d{8}$/.test(cvr) || key.length > 200) return null;
    return {
      kind: 'Employee',
      key,
      name: given(`${eid}fullName`, 'urn:oid:2.5.4.3'),
      cvr,
      productionUnit: given(`${eid}professional/productionUnit`, `${old}ProductionUnitIdentifier`),
      seNumber: given(`${eid}professional/seNumber`, `${old}SENumberIdentifier`),
      privileges: given(`${eid}privilegesIntermediate`, `${old}Privileges_intermediate`),
    };
  }
  const cpr = given(`${eid}cprNumber`, `${old}CprNumberIdentifier`);
  const uuid = uuidOf(given(`${eid}cprUuid`));
  const key = uuid ?? (named?.kind === 'person' ? named.uuid : null) ?? cpr;
  if ((cpr === null && uuid === null) || key === null || (cpr !== null && !/^\d{10}$/.test(cpr))) return null;
  return { kind: 'Citizen', key, cpr, uuid };
}

/** The UUID of an OIOSAML 3 NameID. Its prefix tells what kind of identity it belongs to. */
function nameOf(nameId: string): { kind: string; uuid: string } | null {
  const [, kind, uuid] =
    /^https:\/\/data\.gov\.dk\/model\/core\/eid\/(person|professional)\/uuid\/(.+)$/.exec(nameId) ?? [];
  const read = uuidOf(uuid ?? null);
  return kind && read ? { kind, uuid: read } : null;
}

/** Providers write a UUID alone, as a URN, or as in a NameID. */
function uuidOf(text: string | null): string | null {
  const found = /(?:^|[:/])([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i.exec(text ?? '');
  return found ? found[1]!.toLowerCase() : null;
}

/** Why somebody who was identified is not signed in. */
export type PersonRefusal =
  | 'UNKNOWN_CITIZEN'
  | 'AMBIGUOUS_CITIZEN'
  | 'UNKNOWN_ORGANISATION'
  | 'OTHER_ORGANISATION'
  | 'HAS_LEFT'
  | 'MALFORMED_PRIVILEGES'
  | 'NO_PRIVILEGES';

export type FoundPerson = { readonly unknown: readonly string[] } & (
  | { readonly person: PersonReference; readonly refused?: never }
  | { readonly refused: PersonRefusal; readonly person?: PersonReference }
);

/** Finds the person, adds an employee at the first sign-in, and updates name, unit and rights. */
export const assertedPerson = (
  tx: Transaction,
  services: RoomServices,
  privileges: PrivilegeMap,
  municipality: string,
  identity: AssertedIdentity,
): Promise<FoundPerson> =>
  identity.kind === 'Citizen'
    ? citizenOf(tx, municipality, identity)
    : employeeOf(tx, services, privileges, municipality, identity);

async function citizenOf(tx: Transaction, municipality: string, { cpr, uuid }: Private): Promise<FoundPerson> {
  const [id, ...others] = await store.citizensOf(tx, municipality, cpr, uuid);
  if (id === undefined) return { refused: 'UNKNOWN_CITIZEN', unknown: [] };
  if (others.length > 0) return { refused: 'AMBIGUOUS_CITIZEN', unknown: [] };
  if (cpr && uuid) await store.rememberCitizen(tx, municipality, uuid, id);
  return { person: { kind: 'Citizen', id }, unknown: [] };
}

/** Whether a sign-in makes somebody an administrator. Nothing is added or changed. */
export async function isAdministrator(
  tx: Transaction,
  privileges: PrivilegeMap,
  municipality: string,
  identity: AssertedIdentity,
): Promise<boolean> {
  if (identity.kind === 'Citizen') return false;
  const read = await readEmployee(tx, privileges, municipality, identity);
  if ('refused' in read) return false;
  if (read.asserted.rights.some(({ code }) => code === administrator)) return true;
  return read.known !== null && (await store.hasOwnRight(tx, municipality, read.known.id, administrator));
}

const administrator = 'ADMINISTRATOR';

type KnownEmployee = Awaited<ReturnType<typeof store.employeeOf>>;

type ReadEmployee = { readonly known: KnownEmployee } & (
  | { readonly refused: PersonRefusal; readonly unknown: readonly string[] }
  | { readonly unit: string; readonly asserted: ReturnType<typeof assertedRights> }
);

async function readEmployee(
  tx: Transaction,
  privileges: PrivilegeMap,
  municipality: string,
  identity: Professional,
): Promise<ReadEmployee> {
  const known = await store.employeeOf(tx, municipality, identity.key);
  const refuse = (refused: PersonRefusal, unknown: readonly string[] = []) => ({ known, refused, unknown });
  // Nobody who has left comes back by signing in: the register decides that.
  if (!known && (await store.hasLeft(tx, municipality, identity.key))) return refuse('HAS_LEFT');
  // An identity belongs to one employer: under another one it is not the identity that was linked.
  if (known && known.cvr !== identity.cvr) return refuse('OTHER_ORGANISATION');
  const list = readPrivileges(identity.privileges ?? emptyList);
  if ('refused' in list) return refuse('MALFORMED_PRIVILEGES');

  const register = await registerFor(tx, municipality, identity, list.groups);
  const unit = known && !identity.productionUnit ? known.organisation : register.unit(known?.organisation ?? null);
  if (!unit) return refuse('UNKNOWN_ORGANISATION');
  const asserted = assertedRights(list.groups, privileges, (scope) => register.of(scope, unit));
  if (!known && asserted.rights.length === 0) return refuse('NO_PRIVILEGES', asserted.unknown);
  return { known, unit, asserted };
}

async function employeeOf(
  tx: Transaction,
  services: RoomServices,
  privileges: PrivilegeMap,
  municipality: string,
  identity: Professional,
): Promise<FoundPerson> {
  const read = await readEmployee(tx, privileges, municipality, identity);
  const { known } = read;
  if ('refused' in read) {
    const person = known && ({ kind: 'Employee', id: known.id } as const);
    return { refused: read.refused, unknown: read.unknown, ...(person && { person }) };
  }
  const { unit, asserted } = read;
  const name = lineOf(identity.name ?? '', 200) ?? known?.name ?? 'Unavngivet';
  const id = known?.id ?? (await entered(tx, services, municipality, identity.key, name, unit));
  if (known) await store.updateEmployee(tx, municipality, { id, name, organisation: unit });
  await store.syncRights(tx, municipality, id, asserted.rights, services.now());
  return { person: { kind: 'Employee', id }, unknown: asserted.unknown };
}

/** A list without a group. */
const emptyList = Buffer.from('<PrivilegeList xmlns="http://digst.dk/oiosaml/basic_privilege_profile"/>').toString(
  'base64',
);

async function entered(
  tx: Transaction,
  services: RoomServices,
  municipality: string,
  uuid: string,
  name: string,
  organisation: string,
): Promise<string> {
  const employee = { id: services.newId(), name, organisation };
  if (await store.enterEmployee(tx, municipality, uuid, employee)) return employee.id;
  return (await store.employeeOf(tx, municipality, uuid))!.id;
}

interface Register {
  /** The employee's unit: by P-number, or the company itself. `current`: where a known employee works. */
  unit(current: string | null): string | null;
  /** The organisation for which a scope gives rights to an employee of `unit`. */
  of(scope: PrivilegeGroup['scope'], unit: string): string | null;
}

/** The organisations that an assertion names, as far as they are in the register. */
async function registerFor(
  tx: Transaction,
  municipality: string,
  { cvr, productionUnit, seNumber }: Professional,
  groups: readonly PrivilegeGroup[],
): Promise<Register> {
  const numbers = (kind: string) => groups.flatMap(({ scope }) => (scope.kind === kind ? [scope.number] : []));
  const pNumbers = [...(productionUnit ? [productionUnit] : []), ...numbers('productionUnit')];
  const found = await store.organisationsOf(tx, municipality, [cvr, ...numbers('cvr')], pNumbers);
  const byPNumber = (pNumber: string) => found.find((one) => one.pNumber === pNumber)?.id ?? null;
  /** The company as a whole. If the register has only a single unit of it, that unit. */
  const company = (number: string) => {
    const [first, ...others] = found.filter((one) => one.cvr === number);
    return first && (first.pNumber === null || others.length === 0) ? first.id : null;
  };
  return {
    unit: (current) =>
      found.find((one) => one.cvr === cvr && one.pNumber !== null && one.pNumber === productionUnit)?.id ??
      current ??
      company(cvr),
    of({ kind, number }, unit) {
      if (kind === 'productionUnit') return byPNumber(number);
      if (kind === 'cvr') return number === cvr ? unit : company(number);
      return kind === 'seNumber' && number === seNumber ? unit : null;
    },
  };
}
