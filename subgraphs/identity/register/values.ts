/** How a single value of a register file is read: what is accepted, and in which form it is stored. */
import { nfc } from '../../protocol/canonical.js';
import { isLine } from '../../protocol/lines.js';
import { isUuid } from '../../protocol/text.js';

export interface ValueForm {
  /** Follows "expected" in an error. */
  readonly expected: string;
  /** The value as it is stored; `null` if it is not of this form. Never called with an empty text. */
  read(given: string): string | null;
}

const matching = (expected: string, pattern: RegExp, change = (given: string) => given): ValueForm => ({
  expected,
  read: (given) => (pattern.test(given) ? change(given) : null),
});

export const line = (longest: number): ValueForm => ({
  expected: `one line of at most ${longest} characters`,
  read: (given) => (isLine(given, longest) ? nfc(given) : null),
});

export const oneOf = (...values: readonly string[]): ValueForm => ({
  expected: values.join(', '),
  read: (given) => (values.includes(given) ? given : null),
});

export const cvr = matching('8 digits', /^\d{8}$/);
export const pNumber = matching('10 digits', /^\d{10}$/);
export const postcode = matching('4 digits', /^\d{4}$/);
export const code = line(100);
export const uuid: ValueForm = {
  expected: 'a UUID',
  read: (given) => (isUuid(given) ? given.toLowerCase() : null),
};
export const email = matching(
  'an e-mail address of at most 254 characters',
  /^(?=.{3,254}$)[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u,
);
export const truth = matching('true or false', /^(true|false)$/);

/** A day of 61–91 marks a replacement number. Modulus 11 has not been guaranteed since 2007-10-01, so it is not checked. */
export const cpr: ValueForm = {
  expected: '10 digits that begin with a date (DDMMYYNNNN), with or without a hyphen',
  read(given) {
    const [, day = '', month = '', rest = '', serial = ''] = /^(\d\d)(\d\d)(\d\d)[- ]?(\d{4})$/.exec(given) ?? [];
    const isDate = Number(day) % 60 >= 1 && Number(day) % 60 <= 31 && Number(month) >= 1 && Number(month) <= 12;
    return isDate ? day + month + rest + serial : null;
  },
};

const isDay = (given: string): boolean => {
  if (!/^(1[6-9]|2\d)\d\d-\d\d-\d\d$/.test(given)) return false;
  const read = new Date(`${given}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(given);
};

/** `today`: nobody is born, dies or moves away later. */
export const pastDay = (today: () => Date): ValueForm => ({
  expected: 'a day such as 2026-11-30, and not one to come',
  read: (given) => (isDay(given) && given <= today().toISOString().slice(0, 10) ? given : null),
});
