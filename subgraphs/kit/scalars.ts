/**
 * The scalars of the Danish public sector, and one list of what makes a value of each well-formed. The gateway checks the
 * same list before an operation is planned. Messages say what was expected; they never repeat the value (it may be a CPR number).
 */
import { GraphQLScalarType, Kind } from 'graphql';
import { Fault } from './faults.js';

const isCalendarDate = (value: string) => {
  const parsed = new Date(`${value}T00:00:00Z`);
  // PostgreSQL knows no year 0.
  return !value.startsWith('0000') && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value);
};

/** A day of 61–91 marks a replacement number; mod-11 has not been guaranteed since 2007-10-01 and is never asked for. */
const isCpr = (value: string) => {
  const match = /^(\d\d)(\d\d)\d{6}$/.exec(value);
  if (!match) return false;
  const day = Number(match[1]) % 60;
  const month = Number(match[2]);
  return day >= 1 && day <= 31 && month >= 1 && month <= 12;
};

interface Format {
  readonly expected: string;
  readonly accepts: (value: string) => boolean;
  readonly description: string;
}

export const formats: Readonly<Record<string, Format>> = {
  CPR: {
    expected: '10 digits DDMMYYNNNN without a hyphen',
    accepts: isCpr,
    description:
      'Danish personal number: 10 digits, no hyphen. A day of 61–91 marks a replacement number. Never checked with mod-11.',
  },
  CVR: {
    expected: '8 digits',
    accepts: (value) => /^\d{8}$/.test(value),
    description: 'Danish company number: 8 digits.',
  },
  PNumber: {
    expected: '10 digits',
    accepts: (value) => /^\d{10}$/.test(value),
    description: 'Production unit number: 10 digits.',
  },
  MunicipalityCode: {
    expected: '4 digits',
    accepts: (value) => /^\d{4}$/.test(value),
    description: 'Danish municipality code: 4 digits with leading zero, such as "0461".',
  },
  KLE: {
    expected: 'a KLE number such as "27.24.00", or where an argument says so a pattern such as "27.24.*"',
    accepts: (value) => /^\d\d\.(\d\d\.(\d\d|\d?\*)|\d?\*)$/.test(value),
    description:
      'Number of the Danish municipal classification KLE, "NN.NN.NN". Patterns such as "27.24.*" only where an argument says so.',
  },
  Date: {
    expected: 'a calendar date YYYY-MM-DD',
    accepts: (value) => /^\d{4}-\d\d-\d\d$/.test(value) && isCalendarDate(value),
    description: 'Calendar date, YYYY-MM-DD.',
  },
  DateTime: {
    expected: 'a time as in RFC 3339, such as "2026-01-31T12:00:00Z"',
    accepts: (value) =>
      /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/.test(value) &&
      isCalendarDate(value.slice(0, 10)),
    description: 'Point in time as in RFC 3339; answers are in UTC with milliseconds.',
  },
};

/** What a scalar expects, if `value` is malformed for it; `undefined` if it is well-formed or the scalar is not one of ours. */
export function malformed(scalar: string, value: unknown): string | undefined {
  const format = formats[scalar];
  if (!format || (typeof value === 'string' && format.accepts(value))) return undefined;
  return format.expected;
}

function scalar(name: string): GraphQLScalarType<string> {
  const parse = (value: unknown): string => {
    const expected = malformed(name, value);
    if (expected) throw new Fault('BAD_USER_INPUT', `Expected ${name}: ${expected}.`);
    return value as string;
  };
  return new GraphQLScalarType<string>({
    name,
    description: formats[name]!.description,
    serialize: (value) => (value instanceof Date ? value.toISOString() : String(value)),
    parseValue: parse,
    parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : undefined),
  });
}

export const CPR = scalar('CPR');
export const CVR = scalar('CVR');
export const PNumber = scalar('PNumber');
export const MunicipalityCode = scalar('MunicipalityCode');
export const KLE = scalar('KLE');
export const DateOnly = scalar('Date');
export const DateTime = scalar('DateTime');

/** Arbitrary JSON, for form answers and search criteria. */
export const JSONValue = new GraphQLScalarType({ name: 'JSON', description: 'Any JSON value.' });
