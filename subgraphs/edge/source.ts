/**
 * The source of work by unknown callers: their address. For IPv6 it is the /64 network, because whoever has one address of it has all
 * of them.
 */
import { isIPv6 } from 'node:net';

/** Callers whose address is not known share one source. */
export function sourceOf(address: string | null): string {
  if (address === null) return 'unknown';
  if (!isIPv6(address)) return address;
  const [before = '', after] = address.replace(/%.*$/, '').split('::');
  const head = groupsIn(before);
  const tail = after === undefined ? [] : groupsIn(after);
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`;
}

/** An IPv4 address at the end stands for two groups, neither of which is among the first four. */
const groupsIn = (part: string): string[] =>
  part
    .split(':')
    .filter(Boolean)
    .flatMap((group) => (group.includes('.') ? ['0', '0'] : [Number.parseInt(group, 16).toString(16)]));
