/** Public keys of the gateway as it publishes them: for rooms, vendors' subgraphs and case systems that verify its tokens. */
import { createHash, type KeyObject } from 'node:crypto';

/** Thumbprint of an Ed25519 key, private or public (RFC 7638): the `kid` of what it signs. */
export function thumbprint(key: KeyObject): string {
  const { crv, kty, x } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}

/** A JWK Set (RFC 7517) with each key once. Its members are named, so that no private part can be among them. */
export const publicJwks = (keys: readonly KeyObject[]) => ({
  keys: [...new Map(keys.map((key) => [thumbprint(key), key]))].map(([kid, key]) => {
    const { kty, crv, x } = key.export({ format: 'jwk' });
    return { kty, crv, x, kid, alg: 'EdDSA', use: 'sig' };
  }),
});
