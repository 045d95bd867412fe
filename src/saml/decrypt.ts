/** Decrypts an element with any of our keys, using only the allowed algorithms. */
import { decrypt } from 'xml-encryption';
import type { Keys } from './keys.js';
import { contentAlgorithms, digestAlgorithms, keyAlgorithms, namespaces } from './names.js';
import { demand, SamlRefused } from './reasons.js';
import { attribute, checkSize, type Element, elementsOf, is, only, serialized, textOf } from './xml.js';

/**
 * Returns the text of the one element inside. `wrapper`: an `EncryptedAssertion` or `EncryptedID`. Throws
 * `SamlRefused`.
 */
export async function decrypted(wrapper: Element, keys: Keys): Promise<string> {
  checkAlgorithms(wrapper);
  const text = serialized(wrapper);
  // Serialized alone, the element repeats the namespace declarations of the message around it. The library parses it
  // again, so check the size again.
  checkSize(text);
  for (const { privatePem } of keys.all) {
    const found = await tryWith(text, privatePem);
    if (found !== null) return found;
  }
  throw new SamlRefused('SAML_DECRYPTION');
}

/**
 * Requires exactly one of each element. The library finds elements by name: with two of a name, the one checked and the
 * one used could differ.
 */
function checkAlgorithms(wrapper: Element): void {
  const data = single(wrapper, 'EncryptedData');
  demand(data.parentNode === wrapper, 'SAML_STRUCTURE');
  const key = single(wrapper, 'EncryptedKey');
  demand(
    elementsOf(wrapper).filter(({ localName }) => localName === 'CipherValue').length === 2 &&
      !elementsOf(wrapper).some(({ localName }) => localName === 'CipherReference'),
    'SAML_STRUCTURE',
  );
  for (const part of [data, key]) {
    const value = only(part, namespaces.encryption, 'CipherData');
    demand(value && textOf(only(value, namespaces.encryption, 'CipherValue')), 'SAML_STRUCTURE');
  }
  demand(contentAlgorithms.includes(algorithmOf(methodOf(data))), 'SAML_ENCRYPTION_ALGORITHM');
  const method = methodOf(key);
  demand(keyAlgorithms.includes(algorithmOf(method)), 'SAML_ENCRYPTION_ALGORITHM');
  const digest = only(method, namespaces.signature, 'DigestMethod');
  // SHA-1 within OAEP is not a signature and is safe. Many senders use it.
  demand(
    !digest || digestAlgorithms.has(algorithmOf(digest)) || algorithmOf(digest) === sha1,
    'SAML_ENCRYPTION_ALGORITHM',
  );
}

const sha1 = 'http://www.w3.org/2000/09/xmldsig#sha1';

function single(wrapper: Element, name: string): Element {
  const [found, ...more] = elementsOf(wrapper).filter(({ localName }) => localName === name);
  demand(found && more.length === 0 && is(found, namespaces.encryption, name), 'SAML_STRUCTURE');
  return found;
}

function methodOf(part: Element): Element {
  const method = only(part, namespaces.encryption, 'EncryptionMethod');
  demand(method, 'SAML_ENCRYPTION_ALGORITHM');
  return method;
}

const algorithmOf = (element: Element): string => attribute(element, 'Algorithm') ?? '';

const tryWith = (text: string, key: string): Promise<string | null> =>
  new Promise((resolve) => {
    decrypt(
      text,
      { key, disallowDecryptionWithInsecureAlgorithm: true, warnInsecureAlgorithm: false },
      (error, result) => resolve(error ? null : result),
    );
  });
