/**
 * Reads accounts of the old SMDB from a CSV file (RFC 4180 without line breaks in a field; separated by commas or semicolons), with
 * the columns `user_name`, `hash` and optionally `cvr`. A file is accepted as a whole or not at all, and no message repeats its
 * contents.
 */
import { nfc } from '../../protocol/canonical.js';
import { folded } from '../../protocol/folded.js';
import { isLine } from '../../protocol/lines.js';
import { isUsableHash } from './linking-password.js';
import type { ImportedAccount } from './linking-store.js';

/** Throws for a file that is malformed anywhere, and names the lines. */
export function accountsIn(csv: string): ImportedAccount[] {
  const [head = '', ...lines] = nfc(csv)
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const separator = head.includes(';') ? ';' : ',';
  const columns = fieldsOf(head, separator);
  const [name, hash, cvr] = ['user_name', 'hash', 'cvr'].map((column) => columns.indexOf(column));
  if (name === -1 || hash === -1) throw new Error('expected a first line with the columns user_name and hash');
  const wrong: string[] = [];
  const seen = new Set<string>();
  const accounts = lines.map((line, index) => {
    const fields = fieldsOf(line, separator);
    const account = {
      userName: (fields[name!] ?? '').trim(),
      passwordHash: (fields[hash!] ?? '').trim(),
      cvr: fields[cvr!]?.trim() || null,
    };
    const expected = expectedOf(account, seen);
    if (expected) wrong.push(`line ${index + 2}: expected ${expected}`);
    seen.add(folded(account.userName));
    return account;
  });
  if (wrong.length > 0) throw new Error(wrong.slice(0, 20).join('\n'));
  return accounts;
}

function expectedOf({ userName, passwordHash, cvr }: ImportedAccount, seen: ReadonlySet<string>): string | null {
  if (!isLine(userName, 200) || folded(userName).length > 200) return 'a user name of at most 200 characters';
  if (seen.has(folded(userName))) return 'a user name that stands in no line before';
  if (!isUsableHash(passwordHash))
    return 'a hash of argon2id (PHC, up to 256 MiB and 10 passes), or of pbkdf2-sha256 or pbkdf2-sha512 as passlib writes it';
  return cvr === null || /^\d{8}$/.test(cvr) ? null : 'a CVR number of 8 digits, or nothing';
}

/** Fields may be quoted. An argon2 hash holds commas, so it must be quoted unless semicolons separate the fields. */
const fieldsOf = (line: string, separator: string): string[] =>
  [...`${separator}${line}`.matchAll(new RegExp(`${separator}(?:"((?:[^"]|"")*)"|([^${separator}]*))`, 'g'))].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
