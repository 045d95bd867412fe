/**
 * `POST /internal/<name>`: calls between parts of Sluse, made for no viewer. The gateway signs with its own key (viewer.ts). A room
 * that a case system calls directly asks the identity and audit rooms with a token of its own kind, made and verified here: HS256
 * under a key derived from the secret that the rooms of one database share.
 */
import { hkdfSync } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';

export type Internal = (name: string, body: object) => Promise<Record<string, unknown>>;

/** The room understood the call and refused it. Repeating the same call would not help. */
export class InternalRefused extends Error {}

export interface RoomTokens {
  /** A token for calls to `room`. */
  sign(room: string): Promise<string>;
  /** Throws unless `token` is a room token for `room` that is valid now. */
  verify(token: string, room: string): Promise<void>;
}

const type = 'sluse-room+jwt';
const issuer = 'sluse-room';
/** Seconds. */
const lifetime = 60;

/** `secret`: the secret that the rooms of one database share. */
export function roomTokens(secret: string): RoomTokens {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'sluse calls between rooms', 32));
  /** Tokens by room, reused until half of their lifetime is over. */
  const made = new Map<string, { readonly token: Promise<string>; readonly until: number }>();
  const verified = new LRUCache<string, number>({ max: 100 });
  return {
    sign(room) {
      const known = made.get(room);
      if (known && known.until > Date.now()) return known.token;
      const token = new SignJWT()
        .setProtectedHeader({ alg: 'HS256', typ: type })
        .setIssuer(issuer)
        .setAudience(room)
        .setIssuedAt()
        .setExpirationTime(`${lifetime}s`)
        .sign(key);
      made.set(room, { token, until: Date.now() + (lifetime / 2) * 1000 });
      return token;
    },
    async verify(token, room) {
      const place = `${room} ${token}`;
      if ((verified.get(place) ?? 0) > Date.now() / 1000) return;
      // Only HS256 is verified under this key, and only EdDSA under the gateway's, so neither can be taken for the other.
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        issuer,
        typ: type,
        requiredClaims: ['exp', 'iat', 'aud'],
        maxTokenAge: `${lifetime}s`,
      });
      if (payload.aud !== room) throw new Error('the token is for another room');
      verified.set(place, payload.exp as number);
    },
  };
}

/** Milliseconds for one call. */
const timeout = 5_000;

/** Calls from one room to another. Every call must be safe to repeat: after a cut connection it is tried once more. */
export const roomCalls =
  (tokens: RoomTokens, room: string, origin: () => string): Internal =>
  async (name, body) => {
    const token = await tokens.sign(room);
    const post = () =>
      fetch(new URL(`/internal/${name}`, origin()), {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.timeout(timeout),
      });
    const response = await post().catch((error: Error) => {
      if (error.name === 'TimeoutError') throw error;
      return post();
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new (response.status < 500 ? InternalRefused : Error)(`${room} answered ${response.status} to ${name}`);
    }
    return (await response.json()) as Record<string, unknown>;
  };
