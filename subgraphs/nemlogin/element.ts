/** Reads XML from outside: a single root element, without a document type, with namespaces as the standard gives them. */
import { DOMParser, type Element } from '@xmldom/xmldom';
import { MessageRefused } from './refused.js';

/** The root of `xml`. Throws `MessageRefused` unless it is the element asked for. */
export function rootOf(xml: string, namespace: string, name: string): Element {
  // A document type declares entities, which can read files or grow without bound.
  if (/<!DOCTYPE/i.test(xml)) throw new MessageRefused('A message holds no document type.');
  const root = parsed(xml);
  if (root?.namespaceURI !== namespace || root.localName !== name)
    throw new MessageRefused(`Expected a ${name} of ${namespace}.`);
  return root;
}

function parsed(xml: string): Element | null {
  try {
    const onError = (_level: string, message: string) => {
      throw new MessageRefused(message);
    };
    return new DOMParser({ onError }).parseFromString(xml, 'text/xml').documentElement;
  } catch {
    throw new MessageRefused('Expected well-formed XML.');
  }
}

/** Children of that name, in order. */
export const childrenOf = (element: Element, namespace: string, name: string): Element[] =>
  Array.from(element.childNodes).filter(
    (node): node is Element =>
      node.nodeType === node.ELEMENT_NODE &&
      (node as Element).namespaceURI === namespace &&
      (node as Element).localName === name,
  );

/** Text of the first child of that name. */
export const textOf = (element: Element, namespace: string, name: string): string | null =>
  childrenOf(element, namespace, name)[0]?.textContent?.trim() ?? null;
