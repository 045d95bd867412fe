/** The rights that a power of attorney can lend: SMDB's rights to read and report. The table has the same constraint. */
export const lendable: readonly string[] = [
  'SMDB_REPORTER',
  'SMDB_LEADER',
  'SMDB_HEALTH',
  'SMDB_DELEGATED_REPORTER',
  'SMDB_DELEGATED_HEALTH',
];
