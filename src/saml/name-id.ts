/** Forms of a subject's name id. OIOSAML 3 requires one form and some providers send another; both mean the same. */

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const full = new RegExp(`^https://data\\.gov\\.dk/model/core/eid/(person|professional)/uuid/(${uuid})$`, 'i');
const short = new RegExp(`^urn:uuid:(${uuid})$`, 'i');

export interface NameId {
  /** `null` if the form does not say. */
  readonly kind: 'person' | 'professional' | null;
  /** In lower case. */
  readonly uuid: string;
}

/** Returns the UUID in a name id. `null` for any other form. */
export function readNameId(text: string): NameId | null {
  const long = full.exec(text);
  if (long) return { kind: long[1]!.toLowerCase() as 'person' | 'professional', uuid: long[2]!.toLowerCase() };
  const brief = short.exec(text);
  return brief ? { kind: null, uuid: brief[1]!.toLowerCase() } : null;
}

/** Returns every form in which the same subject can be named, the given one first. */
export function formsOf(text: string): string[] {
  const known = readNameId(text);
  if (!known) return [text];
  const base = 'https://data.gov.dk/model/core/eid/';
  return [
    ...new Set([
      text,
      `${base}professional/uuid/${known.uuid}`,
      `${base}person/uuid/${known.uuid}`,
      `urn:uuid:${known.uuid}`,
    ]),
  ];
}
