/**
 * From which address a request came. Behind proxies that an operator named (`SLUSE_TRUSTED_PROXIES`), the nearest address of
 * `X-Forwarded-For` that is none of them; anybody else may write that header, and is known by the connection.
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

/** Whether an address is one of the proxies. */
export function proxiesAt(proxies: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const one of proxies) {
    const [address, bits] = one.split('/');
    const family = familyOf(address!);
    if (bits === undefined) trusted.addAddress(address!, family);
    else trusted.addSubnet(address!, Number(bits), family);
  }
  // With none to trust, nothing is looked up: it would take a fiftieth of a small query.
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

/** Without the port that some proxies add, and its brackets. An IPv4 address stays one on a socket that speaks both. */
const plain = (address: string): string =>
  address
    .replace(/^\[([^\]]*)\](?::\d{1,5})?$/, '$1')
    .replace(/^(\d+(?:\.\d+){3}):\d{1,5}$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/i, '');
