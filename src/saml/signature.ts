/**
 * XML signatures: their allowed structure, and their verification. The structure is checked before any library verifies
 * the signature, so that it has only one possible meaning: one `SignedInfo` and one `Reference`, to the element that
 * contains the signature.
 */
import type { KeyObject } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { digestAlgorithms, envelopedTransform, exclusiveC14n, namespaces, signatureAlgorithms } from './names.js';
import { demand, SamlRefused } from './reasons.js';
import { attribute, childrenOf, type Element, elementsOf, is, only, serialized, textOf } from './xml.js';

/** Returns the signature of this element, or `null`. Throws if there is a second one, or one anywhere else. */
export function signatureOf(signed: Element): Element | null {
  const all = elementsOf(signed).filter((element) => is(element, namespaces.signature, 'Signature'));
  if (all.length === 0) return null;
  demand(all.length === 1 && all[0]!.parentNode === signed, 'SAML_SIGNATURE_STRUCTURE');
  checkLook(all[0]!, signed);
  return all[0]!;
}

function checkLook(signature: Element, signed: Element): void {
  const [info, value, keyInfo, ...more] = childrenOf(signature);
  demand(info && isOurs(info, 'SignedInfo') && value && isOurs(value, 'SignatureValue'), 'SAML_SIGNATURE_STRUCTURE');
  demand((!keyInfo || isOurs(keyInfo, 'KeyInfo')) && more.length === 0, 'SAML_SIGNATURE_STRUCTURE');
  demand(textOf(value), 'SAML_SIGNATURE_STRUCTURE');
  const [reference, transforms, digest] = partsOf(info);
  demand(
    attribute(only(info, namespaces.signature, 'CanonicalizationMethod')!, 'Algorithm') === exclusiveC14n,
    'SAML_SIGNATURE_ALGORITHM',
  );
  demand(
    signatureAlgorithms.has(algorithmOf(only(info, namespaces.signature, 'SignatureMethod')!)),
    'SAML_SIGNATURE_ALGORITHM',
  );
  demand(digestAlgorithms.has(algorithmOf(digest)), 'SAML_SIGNATURE_ALGORITHM');
  const steps = childrenOf(transforms);
  demand(steps.length === 2 && steps.every((step) => isOurs(step, 'Transform')), 'SAML_SIGNATURE_STRUCTURE');
  demand(
    algorithmOf(steps[0]!) === envelopedTransform && algorithmOf(steps[1]!) === exclusiveC14n,
    'SAML_SIGNATURE_ALGORITHM',
  );
  const id = attribute(signed, 'ID');
  demand(id && attribute(reference, 'URI') === `#${id}`, 'SAML_SIGNATURE_REFERENCE');
}

/** Requires exactly the expected parts, in order. */
function partsOf(info: Element): [reference: Element, transforms: Element, digest: Element] {
  const parts = childrenOf(info);
  demand(
    parts.length === 3 &&
      ['CanonicalizationMethod', 'SignatureMethod', 'Reference'].every((name, at) => isOurs(parts[at]!, name)),
    'SAML_SIGNATURE_STRUCTURE',
  );
  const reference = parts[2]!;
  const [transforms, digest, digestValue, ...more] = childrenOf(reference);
  demand(
    transforms &&
      isOurs(transforms, 'Transforms') &&
      digest &&
      isOurs(digest, 'DigestMethod') &&
      digestValue &&
      isOurs(digestValue, 'DigestValue'),
    'SAML_SIGNATURE_STRUCTURE',
  );
  demand(more.length === 0 && textOf(digestValue), 'SAML_SIGNATURE_STRUCTURE');
  return [reference, transforms, digest];
}

const isOurs = (element: Element, name: string): boolean => is(element, namespaces.signature, name);
const algorithmOf = (element: Element): string => attribute(element, 'Algorithm') ?? '';

/**
 * Verifies a signature returned by `signatureOf`, over a document's root. Ignores what the signature says of its own
 * key (`KeyInfo`). Returns exactly the bytes that were signed; nothing else may be read.
 */
export function verifiedRoot(root: Element, signature: Element, keys: readonly KeyObject[]): string {
  const text = serialized(root);
  for (const key of keys) {
    const verifier = new SignedXml({ publicCert: key, getCertFromKeyInfo: () => null });
    verifier.loadSignature(serialized(signature));
    try {
      const holds = verifier.checkSignature(text);
      const [signed, ...more] = verifier.getSignedReferences();
      if (holds && signed !== undefined && more.length === 0) return signed;
    } catch {
      // Another key may verify it.
    }
  }
  throw new SamlRefused('SAML_SIGNATURE');
}
