/** The room understood and said no: asking the same again would not help. */
export class InternalRefused extends Error {}
export type Internal = (name: string, body: object) => Promise<Record<string, unknown>>;
