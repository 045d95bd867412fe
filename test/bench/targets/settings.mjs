/** What the harness tells every gateway that it starts. */
export const supergraphFile = process.env.BENCH_SUPERGRAPH;
/** URL by name of subgraph. */
export const services = JSON.parse(process.env.BENCH_SERVICES ?? '{}');

export const ready = (url, more = '') => process.stdout.write(`ready ${url}${more && ` ${more}`}\n`);

/** So that a gateway ends at once and says nothing, whatever it would do by itself. */
process.once('SIGTERM', () => process.exit(0));
