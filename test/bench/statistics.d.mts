/** Types of statistics.mjs, for the tests. */
export declare const signedRank: (differences: readonly number[]) => { readonly z: number; readonly median: number };
