/** Takes an element out of its encryption: by the algorithms that are allowed and no other, with any of our keys. */
import { decrypt } from 'xml-encryption';
import type { Keys } from './keys.js';
import { contentAlgorithms, digestAlgorithms, keyAlgorithms, namespaces } from './names.js';
import { demand, SamlRefused } from './reasons.js';
import { attribute, checkSize, type Element, elementsOf, is, only, serialized, textOf } from './xml.js';

/** `wrapper`: an `EncryptedAssertion` or `EncryptedID`. The text of the one element that it holds. */
export async function decrypted(wrapper: Element, keys: Keys): Promise<string> {
  checkAlgorithms(wrapper);
  const text = serialized(wrapper);
  // By itself it declares anew what the message around it declared once; the library parses it again.
  checkSize(text);
  for (const { privatePem } of keys.all) {
    const found = await tryWith(text, privatePem);
    if (found !== null) return found;
  }
  throw new SamlRefused('SAML_DECRYPTION');
}

/** One of everything: the library looks elements up by name, and with two of a name checked and used could be different ones. */
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
  // Within OAEP SHA-1 is no signature and safe; it is also what many send.
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
