/**
 * The scalars of the Danish public sector, and one list of what makes a value of each well-formed. The gateway checks the same list
 * before an operation is planned. Messages say what was expected; they never repeat the value, which may be a CPR number.
 */
import { type GraphQLInputType, GraphQLScalarType, isInputObjectType, isListType, isNonNullType, Kind } from 'graphql';
import { Fault } from './faults.js';

const isCalendarDate = (value: string) => {
  const parsed = new Date(`${value}T00:00:00Z`);
  // PostgreSQL has no year 0.
  return !value.startsWith('0000') && !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value);
};

/** A day of 61–91 marks a replacement number. Modulus 11 has not been guaranteed since 2007-10-01, so it is not checked. */
const isCpr = (value: string) => {
  const match = /^(\d\d)(\d\d)\d{6}$/.exec(value);
  if (!match) return false;
  const day = Number(match[1]) % 60;
  const month = Number(match[2]);
  return day >= 1 && day <= 31 && month >= 1 && month <= 12;
};

interface ScalarFormat {
  readonly expected: string;
  /** Whether a value in its stored form is well-formed. */
  readonly accepts: (value: string) => boolean;
  readonly description: string;
  /** Converts the other forms in which people write the value to the stored form. */
  readonly kept?: (value: string) => string;
}

/** `pattern` finds the digits, in groups. A value that does not match is returned as it is, to be refused. */
const digitsOf = (pattern: RegExp) => (value: string) => {
  const match = pattern.exec(value);
  return match ? match.slice(1).join('').replaceAll(' ', '') : value;
};

export const formats: Readonly<Record<string, ScalarFormat>> = {
  CPR: {
    expected: '10 digits DDMMYYNNNN without a hyphen',
    accepts: isCpr,
    kept: digitsOf(/^(\d{6})[- ]?(\d{4})$/),
    description:
      'Danish personal number: 10 digits. `DDMMYY-NNNN` is accepted; answers have no hyphen. A day of 61–91 marks a replacement number. Modulus 11 is not checked.',
  },
  CVR: {
    expected: '8 digits',
    accepts: (value) => /^\d{8}$/.test(value),
    kept: digitsOf(/^(?:DK[- ]?)?(\d(?: ?\d){7})$/i),
    description: 'Danish company number: 8 digits. Spaces between them and `DK` before them are accepted.',
  },
  PNumber: {
    expected: '10 digits',
    accepts: (value) => /^\d{10}$/.test(value),
    kept: digitsOf(/^(\d(?: ?\d){9})$/),
    description: 'Production unit number: 10 digits. Spaces between them are accepted.',
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
      'Number of the Danish municipal classification KLE, "NN.NN.NN". Patterns such as "27.24.*" are accepted only where an argument says so.',
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
    // RFC 3339 §5.6 allows both cases.
    kept: (value) => (/^\d{4}-\d\d-\d\dt/i.test(value) ? value.toUpperCase() : value),
    description: 'Point in time (RFC 3339). Answers are in UTC with milliseconds.',
  },
};

/** A value in its stored form: hyphens and spaces that people write are removed. */
export function keptForm(scalar: string, value: unknown): unknown {
  const format = Object.hasOwn(formats, scalar) ? formats[scalar] : undefined;
  if (!format || typeof value !== 'string' || format.accepts(value)) return value;
  const written = value.replace(/^ +| +$/g, '');
  return format.kept?.(written) ?? written;
}

/** Does the same for an argument, wherever one of our scalars occurs in it. */
export function meant(type: GraphQLInputType, value: unknown): unknown {
  if (isNonNullType(type)) return meant(type.ofType, value);
  if (isListType(type))
    return Array.isArray(value) ? value.map((item) => meant(type.ofType, item)) : meant(type.ofType, value);
  if (!isInputObjectType(type)) return keptForm(type.name, value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const fields = type.getFields();
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [name, fields[name] ? meant(fields[name].type, held) : held]),
  );
}

/**
 * What a scalar expects, if `value` is malformed for it. `undefined` if `value` is in its stored form, or the scalar is not one of
 * ours.
 */
export function malformed(scalar: string, value: unknown): string | undefined {
  const format = Object.hasOwn(formats, scalar) ? formats[scalar] : undefined;
  if (!format || (typeof value === 'string' && format.accepts(value))) return undefined;
  return format.expected;
}

function scalar(name: string): GraphQLScalarType<string> {
  const parse = (given: unknown): string => {
    const value = keptForm(name, given);
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
