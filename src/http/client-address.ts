/**
 * Finds the address that a request came from. Behind trusted proxies (`SLUSE_TRUSTED_PROXIES`) that is the nearest
 * address in `X-Forwarded-For` that is not one of them. Anybody else can forge that header, so their connection's
 * address counts.
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

export type WorkstationOf = (request: IncomingMessage) => string | null;

/** `proxies`: addresses and networks, such as `10.0.0.0/8` or `::1`. */
export function workstations(proxies: readonly string[]): WorkstationOf {
  const isTrusted = proxiesAt(proxies);
  return ({ socket, headers }) => {
    const nearest = plain(socket.remoteAddress ?? '');
    if (!nearest) return null;
    if (!isTrusted(nearest)) return nearest;
    const forwarded = String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((part) => plain(part.trim()));
    const before = forwarded.reverse().find((address) => !isTrusted(address));
    return before && isIP(before) ? before : nearest;
  };
}

/** Returns a test for whether an address is one of the proxies. */
export function proxiesAt(proxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const one of proxies) {
    const [address, bits] = one.split('/');
    const family = familyOf(address!);
    if (bits === undefined) trusted.addAddress(address!, family);
    else trusted.addSubnet(address!, Number(bits), family);
  }
  // Without proxies nothing is looked up: the look-up takes a fiftieth of the time of a small query.
  return (given) => {
    if (proxies.length === 0) return false;
    const address = plain(given);
    return isIP(address) > 0 && trusted.check(address, familyOf(address));
  };
}

/** Whether a setting names an address or a network. */
export function isNetwork(text: string): boolean {
  const [address, bits, ...rest] = text.split('/');
  const version = isIP(address ?? '');
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Removes the port and brackets that some proxies add. Turns an IPv4-mapped IPv6 address back into IPv4. */
const plain = (address: string): string =>
  address
    .replace(/^\[([^\]]*)\](?::\d{1,5})?$/, '$1')
    .replace(/^(\d+(?:\.\d+){3}):\d{1,5}$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/i, '');
