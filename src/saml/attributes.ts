/**
 * Reads an attribute statement. Returns its values under OIOSAML 3 names, whichever version it uses, and refuses it if
 * required values are missing.
 */
import { nfc } from '../../subgraphs/protocol/canonical.js';
import { readNameId } from './name-id.js';
import { attributes as known, namespaces, olderAttributes, olderNames, schemaInstance } from './names.js';
import { demand } from './reasons.js';
import { attribute, childrenOf, type Element, is, named, textOf } from './xml.js';

export type AssuranceLevel = 'Substantial' | 'High';

export interface Claims {
  readonly kind: 'professional' | 'person';
  readonly assurance: AssuranceLevel;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Returns the claims of an attribute statement. Throws `SamlRefused`. */
export function readClaims(statement: Element, nameId: string): Claims {
  const values = valuesOf(statement);
  const version = versionOf(values);
  const name = readNameId(nameId);
  demand(version === 2 || name, 'SAML_NAME_ID');
  const assurance = assuranceOf(values, version);
  const kind = name?.kind ?? (professionalMarks.some((mark) => values.has(mark)) ? 'professional' : 'person');
  if (kind === 'professional') {
    demand(/^\d{8}$/.test(values.get(known.cvr) ?? '') && values.get(known.orgName), 'SAML_ORGANISATION');
    // The UUID and the name id must agree. Otherwise one reader would sign in one identity, and a log-out would mean
    // another.
    const said = values.get(known.professionalUuid);
    demand(name?.kind !== 'professional' || !said || said.toLowerCase() === name.uuid, 'SAML_NAME_ID');
    if (name && !said) values.set(known.professionalUuid, name.uuid);
  } else demand(!professionalMarks.some((mark) => values.has(mark)), 'SAML_PROFILE');
  return { kind, assurance, attributes: Object.fromEntries([...values].filter(([key]) => handedOn.has(key))) };
}

const professionalMarks = [known.professionalUuid, known.rid, known.cvr];
const { specVersion, loa, ...personal } = known;
const handedOn: ReadonlySet<string> = new Set([
  ...Object.values(personal),
  olderAttributes.pid,
  olderAttributes.uniqueAccountKey,
]);
const read: ReadonlySet<string> = new Set([...handedOn, ...Object.values(known), ...Object.values(olderAttributes)]);

/**
 * Requires each attribute that is read here to occur once: of two values, one reader would take the first and another
 * the last. Other attributes may be anything. An attribute without a value, with an empty value or with a nil value
 * (SAML Core 2.7.3.1) means the same: nothing.
 */
function valuesOf(statement: Element): Map<string, string> {
  const values = new Map<string, string>();
  const seen = new Set<string>();
  for (const one of childrenOf(statement)) {
    demand(is(one, namespaces.assertion, 'Attribute'), 'SAML_ATTRIBUTE');
    const given = attribute(one, 'Name') ?? '';
    const name = olderNames.get(given) ?? given;
    if (!read.has(name)) continue;
    demand(!seen.has(given), 'SAML_ATTRIBUTE');
    seen.add(given);
    const text = nfc(textIn(one));
    if (text === '') continue;
    demand(!values.has(name), 'SAML_ATTRIBUTE');
    values.set(name, text);
  }
  return values;
}

/** Returns the text of an attribute's value. Empty if there is none. */
function textIn(one: Element): string {
  const [value, ...more] = named(one, namespaces.assertion, 'AttributeValue');
  demand(more.length === 0 && childrenOf(one).length === (value ? 1 : 0), 'SAML_ATTRIBUTE');
  const text = value ? textOf(value) : (one.textContent ?? '').trim();
  // Text outside a value, or in a value marked nil, is refused: one reader would take it and another would not.
  demand(text !== null && (value || text === ''), 'SAML_ATTRIBUTE');
  if (!value) return '';
  const nil = value.hasAttributeNS(schemaInstance, 'nil') ? value.getAttributeNS(schemaInstance, 'nil') : 'false';
  if (nil === 'false' || nil === '0') return text;
  demand((nil === 'true' || nil === '1') && text === '', 'SAML_ATTRIBUTE');
  return '';
}

function versionOf(values: ReadonlyMap<string, string>): 2 | 3 {
  if (values.get(specVersion) === 'OIO-SAML-3.0') return 3;
  demand(!values.has(specVersion) && values.get(olderAttributes.specVersion) === 'DK-SAML-2.0', 'SAML_SPEC_VERSION');
  return 2;
}

/** Requires a stated level of at least Substantial. A missing level is refused. */
function assuranceOf(values: ReadonlyMap<string, string>, version: 2 | 3): AssuranceLevel {
  const level = version === 3 ? values.get(loa) : olderLevels.get(values.get(olderAttributes.assuranceLevel) ?? '');
  demand(level === 'Substantial' || level === 'High', 'SAML_ASSURANCE');
  return level;
}

/** OIOSAML 2.0.9 uses levels 1 to 4. Its level 3 corresponds to Substantial. */
const olderLevels: ReadonlyMap<string, AssuranceLevel> = new Map([
  ['3', 'Substantial'],
  ['4', 'High'],
]);
