/**
 * Makes a self-signed X.509 certificate (RFC 5280), in DER by hand: Node reads certificates but makes none, and a library for the one
 * that the demo needs would be larger than the demo.
 */
import { createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface Holder {
  readonly commonName: string;
  readonly organisation: string;
  /** CVR number of the organisation, 8 digits. */
  readonly cvr: string;
}

/** A certificate in PEM, valid from `from` until `until`, for signatures and key encryption; RSA with SHA-256. */
export function selfSigned(privateKey: KeyObject, holder: Holder, from: Date, until: Date): string {
  const algorithm = sequence(oid('1.2.840.113549.1.1.11'), der(0x05));
  const name = nameOf(holder);
  const serial = randomBytes(16);
  // Positive, and of full length.
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const certificate = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, serial),
    algorithm,
    name,
    sequence(time(from), time(until)),
    name,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signed = sequence(certificate, algorithm, bits(sign('sha256', certificate, privateKey)));
  const lines = signed.toString('base64').match(/.{1,64}/g)!;
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const nameOf = ({ commonName, organisation, cvr }: Holder): Buffer =>
  sequence(
    part('2.5.4.6', der(0x13, Buffer.from('DK'))),
    part('2.5.4.10', text(organisation)),
    part('2.5.4.97', text(`NTRDK-${cvr}`)),
    part('2.5.4.3', text(commonName)),
  );

const der = (tag: number, ...contents: Buffer[]): Buffer => {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
};
const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
const bits = (content: Buffer, unused = 0): Buffer => der(0x03, Buffer.of(unused), content);
const text = (value: string): Buffer => der(0x0c, Buffer.from(value));
const part = (type: string, value: Buffer): Buffer => der(0x31, sequence(oid(type), value));
/** `YYMMDDhhmmssZ`, which is defined until 2049. */
const time = (at: Date): Buffer => der(0x17, Buffer.from(`${at.toISOString().replace(/\D/g, '').slice(2, 14)}Z`));

function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  const bytes = [first! * 40 + second!, ...rest].flatMap((number) => {
    const digits = [number & 0x7f];
    for (let left = number >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return der(0x06, Buffer.from(bytes));
}

const critical = der(0x01, Buffer.of(0xff));
const extensions = [
  sequence(oid('2.5.29.19'), critical, der(0x04, sequence())), // no authority
  sequence(oid('2.5.29.15'), critical, der(0x04, bits(Buffer.of(0xa0), 5))), // digitalSignature, keyEncipherment
];
