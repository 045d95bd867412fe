/** What is wrong with a supergraph: where, what, and what to do about it. */
export interface Finding {
  /** Schema coordinate, such as `Case.title`. */
  readonly coordinate: string;
  /** Continues the coordinate: "must be nullable: …". */
  readonly problem: string;
  readonly remedy: string;
  /** Whether the gateway serves it all the same, with a warning. */
  readonly isTolerated: boolean;
}

/** A supergraph that the gateway does not serve. */
export class SupergraphRefused extends Error {}

/** Secrecy, the log or somebody's rights would not hold: the gateway refuses it. */
export const refused = (coordinate: string, problem: string, remedy: string): Finding => ({
  ...{ coordinate, problem, remedy },
  isTolerated: false,
});

export const tolerated = (coordinate: string, problem: string, remedy: string): Finding => ({
  ...{ coordinate, problem, remedy },
  isTolerated: true,
});

export const sentenceOf = ({ coordinate, problem, remedy }: Finding): string => `${coordinate} ${problem} ${remedy}`;
