/**
 * The OIO Basic Privilege Profile: reads the base64 XML of `privilegesIntermediate` into groups of privileges, or says why the list
 * is refused. It is accepted as a whole or not at all: a partial list might lack the constraints.
 *
 * Terminology. A *group* holds privileges for one *scope* (a company, a unit, a person), narrowed by *constraints* that must all
 * hold.
 */
import { DOMParser, type Element, type Node } from '@xmldom/xmldom';

export type ScopeKind = 'cvr' | 'productionUnit' | 'seNumber' | 'cpr';

export interface Constraint {
  readonly name: string;
  readonly values: readonly string[];
}

export interface PrivilegeGroup {
  readonly scope: { readonly kind: ScopeKind; readonly number: string };
  readonly privileges: readonly string[];
  readonly constraints: readonly Constraint[];
}

export type PrivilegeList = { readonly groups: readonly PrivilegeGroup[] } | { readonly refused: string };

/** Most characters of base64, and most elements of a list: many more than anybody holds, and few enough to read at once. */
const longest = 400_000;
const mostElements = 5_000;

/** Returns the groups, or the reason why the list is refused. */
export function readPrivileges(base64: string): PrivilegeList {
  try {
    return { groups: groupsOf(rootOf(textOf(base64))) };
  } catch (error) {
    if (error instanceof PrivilegesRefused) return { refused: error.message };
    throw error;
  }
}

/** Says what was expected, never what was found: a scope may be somebody's CPR number. */
class PrivilegesRefused extends Error {}

const namespaces: ReadonlySet<string> = new Set([
  'http://digst.dk/oiosaml/basic_privilege_profile',
  'http://itst.dk/oiosaml/basic_privilege_profile',
]);

function textOf(base64: string): string {
  if (base64.length > longest) throw new PrivilegesRefused('the list is too long');
  const packed = base64.replace(/\s+/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) throw new PrivilegesRefused('not base64');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(packed, 'base64'));
  } catch {
    throw new PrivilegesRefused('not UTF-8');
  }
}

function rootOf(xml: string): Element {
  // Before anything is parsed, because entities are used to attack parsers.
  if (/<!DOCTYPE/i.test(xml)) throw new PrivilegesRefused('a DOCTYPE is not allowed');
  let root: Element | null;
  try {
    root = new DOMParser({ onError: unreadable }).parseFromString(xml, 'text/xml').documentElement;
  } catch {
    throw new PrivilegesRefused('not well-formed XML');
  }
  if (root?.localName !== 'PrivilegeList' || !namespaces.has(root.namespaceURI ?? ''))
    throw new PrivilegesRefused('the root is no PrivilegeList of the profile');
  return root;
}

const unreadable = (): never => {
  throw new Error('unreadable');
};

function groupsOf(root: Element): PrivilegeGroup[] {
  const groups = elementsIn(root);
  if (groups.some((group) => group.localName !== 'PrivilegeGroup'))
    throw new PrivilegesRefused('expected a PrivilegeGroup');
  const read = groups.map((group) => ({ group, children: elementsIn(group) }));
  if (groups.length + read.reduce((sum, { children }) => sum + children.length, 0) > mostElements)
    throw new PrivilegesRefused('the list is too long');
  return read.map(({ group, children }) => {
    const named = (name: string) => children.filter((child) => child.localName === name);
    const [privileges, constraints] = [named('Privilege'), named('Constraint')];
    if (privileges.length === 0) throw new PrivilegesRefused('a group without a Privilege');
    if (privileges.length + constraints.length < children.length)
      throw new PrivilegesRefused('expected a Privilege or a Constraint');
    return {
      scope: scopeOf(group.getAttribute('Scope')),
      privileges: privileges.map((element) => uriIn(textIn(element))),
      constraints: constraints.map(constraintOf),
    };
  });
}

/** The child elements. Throws for text between them, or anything else that could be read in two ways: the profile has none. */
function elementsIn(parent: Element): Element[] {
  const found: Element[] = [];
  for (const node of nodesIn(parent)) {
    if (node.nodeType === node.COMMENT_NODE) continue;
    if (node.nodeType === node.TEXT_NODE && (node.nodeValue ?? '').trim() === '') continue;
    if (node.nodeType !== node.ELEMENT_NODE) throw new PrivilegesRefused('expected elements only');
    const element = node as Element;
    // Providers write the children with the root's prefix, with another one, or with none.
    if (element.namespaceURI && !namespaces.has(element.namespaceURI))
      throw new PrivilegesRefused('an element of another namespace');
    found.push(element);
  }
  return found;
}

/** The text of an element that holds nothing else. Some readers would stop at a comment in the middle. */
function textIn(element: Element): string {
  const nodes = nodesIn(element);
  if (nodes.some((node) => node.nodeType !== node.TEXT_NODE)) throw new PrivilegesRefused('expected text only');
  return nodes
    .map((node) => node.nodeValue ?? '')
    .join('')
    .trim();
}

const nodesIn = (element: Element): Node[] => Array.from(element.childNodes);

function uriIn(text: string): string {
  if (!/^[a-z][a-z\d+.-]*:\S{1,500}$/i.test(text)) throw new PrivilegesRefused('a privilege that is no URI');
  return text;
}

function constraintOf(element: Element): Constraint {
  const values = textIn(element)
    .split(',')
    .map((value) => value.trim());
  if (values.includes('')) throw new PrivilegesRefused('a constraint without a value');
  return { name: uriIn(element.getAttribute('Name') ?? ''), values };
}

export const scopePrefixes: Readonly<Record<ScopeKind, string>> = {
  cvr: 'urn:dk:gov:saml:cvrNumberIdentifier:',
  productionUnit: 'urn:dk:gov:saml:productionUnitIdentifier:',
  seNumber: 'urn:dk:gov:saml:seNumberIdentifier:',
  cpr: 'urn:dk:gov:saml:cprNumberIdentifier:',
};
const digits: Readonly<Record<ScopeKind, RegExp>> = {
  cvr: /^\d{8}$/,
  productionUnit: /^\d{10}$/,
  seNumber: /^\d{8}$/,
  cpr: /^\d{10}$/,
};

function scopeOf(text: string | null): PrivilegeGroup['scope'] {
  for (const kind of Object.keys(digits) as ScopeKind[]) {
    const number = text?.startsWith(scopePrefixes[kind]) ? text.slice(scopePrefixes[kind].length) : '';
    if (digits[kind].test(number)) return { kind, number };
  }
  throw new PrivilegesRefused('a scope that is none of the profile');
}
