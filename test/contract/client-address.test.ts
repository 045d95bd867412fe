/** Where a request came from, as far as anybody but the caller says so. */
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config.js';
import { isNetwork, workstations } from '../../src/http/client-address.js';

const from = (remoteAddress: string | undefined, forwarded?: string, proxies: string[] = ['10.0.0.0/8', '::1']) =>
  workstations(proxies)({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  } as never);

describe('the workstation of a request', () => {
  it.each([
    ['the connection’s, where nobody forwards', '192.0.2.7', undefined, '192.0.2.7'],
    ['the connection’s, whatever a stranger claims', '192.0.2.7', '198.51.100.1', '192.0.2.7'],
    ['what a trusted proxy says', '10.1.2.3', '198.51.100.1', '198.51.100.1'],
    [
      'the last that is no proxy, not what the caller put before it',
      '10.1.2.3',
      '6.6.6.6, 198.51.100.1, 10.9.9.9',
      '198.51.100.1',
    ],
    ['an IPv4 address on a socket of both kinds', '::ffff:10.1.2.3', '::ffff:198.51.100.1', '198.51.100.1'],
    ['an IPv6 address', '::1', '2001:db8::5', '2001:db8::5'],
    ['an address with its port', '10.1.2.3', '198.51.100.1:5123', '198.51.100.1'],
    ['an IPv6 address in brackets', '::1', '[2001:db8::1]', '2001:db8::1'],
    ['an IPv6 address in brackets, with its port', '::1', '[2001:db8::1]:443', '2001:db8::1'],
    ['what stands before a proxy that adds ports', '10.1.2.3', '198.51.100.1:5123, 10.9.9.9:80', '198.51.100.1'],
    ['the proxy’s, where brackets hold no address', '10.1.2.3', '[unknown]:443', '10.1.2.3'],
    ['the proxy’s, where it says nothing that is an address', '10.1.2.3', 'unknown', '10.1.2.3'],
    ['the proxy’s, where it says nothing', '10.1.2.3', '', '10.1.2.3'],
    ['nobody’s, once the connection is gone', undefined, '198.51.100.1', null],
  ])('is %s', (_what, remote, forwarded, expected) => {
    expect(from(remote, forwarded)).toBe(expected);
  });

  it('is the connection’s where no proxy is trusted', () => {
    expect(from('10.1.2.3', '198.51.100.1', [])).toBe('10.1.2.3');
  });
});

describe('SLUSE_TRUSTED_PROXIES', () => {
  it('takes addresses and networks', () => {
    expect(readConfig({ SLUSE_TRUSTED_PROXIES: '10.0.0.0/8, ::1' }).trustedProxies).toEqual(['10.0.0.0/8', '::1']);
    expect(readConfig({}).trustedProxies).toEqual([]);
  });

  it.each(['10.0.0.0/33', 'proxy', '10.0.0.1/', '::1/129', '10.0.0.0/8/8', ''])('refuses %j', (text) => {
    expect(isNetwork(text)).toBe(false);
    if (text) expect(() => readConfig({ SLUSE_TRUSTED_PROXIES: text })).toThrow(/^SLUSE_TRUSTED_PROXIES: expected /);
  });
});
