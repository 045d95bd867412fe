/**
 * Parses the XML that SAML messages need: elements, attributes and text, and nothing else. Anything that parsers could
 * interpret differently (comments that split a text, CDATA, entities, a second encoding) is refused before any parser
 * sees it.
 */
import { DOMParser, type Element, type Node, XMLSerializer } from '@xmldom/xmldom';
import { demand, SamlRefused } from './reasons.js';

export type { Element } from '@xmldom/xmldom';

const limits = {
  characters: 400_000,
  elements: 1_500,
  /** Character references. The parser looks each up separately. */
  references: 4_000,
  /** The parser creates an object for each attribute, and searches those of the element for each. */
  attributes: 1_500,
  depth: 40,
  /**
   * Namespace declarations. The parser chains one scope per element that has any, so its time grows with the square of
   * their number.
   */
  namespaces: 200,
};

/** Returns the root element. Throws `SamlRefused`. */
export function parseMessage(text: string): Element {
  checkSize(text);
  const body = text.replace(declaration, '');
  // Well-formed XML has no `<` in a text or a value, so this finds all markup that there is.
  demand(!/<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)/i.test(body), 'SAML_DOCTYPE');
  demand(!/<[!?]/.test(body), 'SAML_MARKUP');
  const root = parsed(body);
  let count = 0;
  for (const { node, depth } of nodesOf(root)) {
    if (node.nodeType === node.ELEMENT_NODE) count += 1;
    else demand(node.nodeType === node.TEXT_NODE, 'SAML_MARKUP');
    demand(count <= limits.elements && depth <= limits.depth, 'SAML_TOO_LARGE');
  }
  return root;
}

/**
 * Counts in the raw text, because it is the parser that a stranger's message could occupy for seconds. An element has
 * at most two tags.
 */
export function checkSize(text: string): void {
  demand(
    text.length <= limits.characters &&
      occurrences(text, '<') <= 2 * limits.elements &&
      occurrences(text, '&') <= limits.references &&
      // In markup, every attribute has a quoted value after its equals sign.
      occurrences(text, /=\s*["']/) <= limits.attributes &&
      occurrences(text, 'xmlns') <= limits.namespaces,
    'SAML_TOO_LARGE',
  );
}

const occurrences = (text: string, part: string | RegExp): number => text.split(part).length - 1;

/** Parses a file that an operator provided. It may contain comments. */
export function parseFile(text: string): Element {
  demand(text.length <= 10 * limits.characters, 'SAML_TOO_LARGE');
  demand(!/<!(?:DOCTYPE|ENTITY)/i.test(text), 'SAML_DOCTYPE');
  return parsed(text.replace(declaration, ''));
}

const declaration =
  /^\uFEFF?\s*<\?xml\s+version\s*=\s*["']1\.0["'](?:\s+encoding\s*=\s*["']utf-8["'])?(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*\?>/i;

function parsed(text: string): Element {
  const parser = new DOMParser({
    onError: () => {
      throw new SamlRefused('SAML_MALFORMED');
    },
  });
  const root = parser.parseFromString(text, 'application/xml').documentElement;
  demand(root, 'SAML_MALFORMED');
  return root;
}

/** Walks without recursion: a message of opening tags only must not exhaust the stack. */
function* nodesOf(root: Node): Generator<{ node: Node; depth: number }> {
  const waiting = [{ node: root, depth: 1 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    yield next;
    for (let child = next.node.firstChild; child; child = child.nextSibling)
      waiting.push({ node: child, depth: next.depth + 1 });
  }
}

const isElement = (node: Node): node is Element => node.nodeType === node.ELEMENT_NODE;

/** The element and all elements below it. */
export const elementsOf = (root: Element): Element[] => [...nodesOf(root)].map(({ node }) => node).filter(isElement);

export const childrenOf = (parent: Element): Element[] => [...parent.childNodes].filter(isElement);

export const is = (element: Element, namespace: string, name: string): boolean =>
  element.localName === name && element.namespaceURI === namespace;

export const named = (parent: Element, namespace: string, name: string): Element[] =>
  childrenOf(parent).filter((child) => is(child, namespace, name));

/** Returns the only child of that name. `null` if there is none, or more than one. */
export const only = (parent: Element, namespace: string, name: string): Element | null => {
  const found = named(parent, namespace, name);
  return found.length === 1 ? found[0]! : null;
};

/** `null` if the attribute is missing. An empty value is a value. */
export const attribute = (element: Element, name: string): string | null =>
  element.hasAttribute(name) ? element.getAttribute(name) : null;

/** The text of an element that contains nothing else. */
export function textOf(element: Element | null): string | null {
  if (!element || childrenOf(element).length > 0) return null;
  return (element.textContent ?? '').trim();
}

/** Returns every attribute that some library could take for an id, however it is spelled. */
export const idsOf = (root: Element): string[] =>
  elementsOf(root).flatMap((element) =>
    [...element.attributes].filter(({ localName, name }) => /^id$/i.test(localName ?? name)).map(({ value }) => value),
  );

export const serialized = (element: Element): string => new XMLSerializer().serializeToString(element);

/**
 * Returns milliseconds since the epoch, or `null`. SAML Core 1.3.3 requires UTC; a time with an offset names the same
 * moment and is accepted too. Without either, the moment would depend on the reader.
 */
export function instantOf(text: string | null): number | null {
  const [, local, zone] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:\d\d)$/.exec(text ?? '') ?? [];
  if (!local || !zone) return null;
  const instant = Date.parse(`${local}Z`);
  // A date that does not exist (30 February, 24 o'clock) would be parsed as a time on another day.
  if (Number.isNaN(instant) || !new Date(instant).toISOString().startsWith(local.slice(0, 10))) return null;
  const offset = offsetOf(zone);
  return offset === null ? null : instant - offset;
}

/** Milliseconds of an `xs:duration`; of years and months, whose length differs, the shortest. `null` for none, and for one below zero. */
export function durationOf(text: string): number | null {
  const found =
    /^P(?=.)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?$/.exec(
      text,
    );
  if (!found) return null;
  const [years, months, days, hours, minutes, seconds] = found.slice(1).map((part) => Number(part ?? 0)) as number[];
  const allDays = years! * 365 + months! * 28 + days!;
  return (((allDays * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1_000;
}

/** Milliseconds ahead of UTC; `null` beyond 14 hours, which XML Schema does not know. */
function offsetOf(zone: string): number | null {
  if (zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** A tagged template that escapes its values. The result of another `xml` is inserted unchanged. */
export function xml(texts: TemplateStringsArray, ...values: (string | Xml | readonly Xml[])[]): Xml {
  const parts = texts.map((text, index) => {
    const value = values[index];
    if (value === undefined) return text;
    if (typeof value === 'string') return text + escaped(value);
    return text + (value instanceof Xml ? value.text : value.map((one) => one.text).join(''));
  });
  return new Xml(parts.join(''));
}

export class Xml {
  constructor(readonly text: string) {}
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
