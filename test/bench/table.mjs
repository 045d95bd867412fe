/**
 * What was measured, for people: a table per shape, and what the project promises beside it. `busy` is how much of a core
 * the gateway had; `other` how much of the other core worked. A gateway that is not near 100 % was held up by the latter.
 */
const columns = [
  ['', 14, (row) => row.name],
  ['rps', 8, (row) => fixed(row.rps)],
  ['× apollo', 9, (row, of) => ratio(row.rps, of.apollo?.rps)],
  ['× by hand', 10, (row, of) => ratio(row.rps, of['hand-written']?.rps)],
  ['p50 ms', 8, (row) => fixed(row.p50Ms)],
  ['p99 ms', 8, (row) => fixed(row.p99Ms)],
  ['CPU ms', 8, (row) => row.cpuMs.toFixed(3)],
  ['busy', 6, (row) => `${Math.round(row.busy * 100)}%`],
  ['other', 6, (row) => `${Math.round(Math.min(row.otherBusy, 1) * 100)}%`],
  ['peak MB', 8, (row) => fixed(row.rssMb)],
  ['fetches', 8, (row) => row.fetches.toFixed(1)],
];
const fixed = (value) => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
const ratio = (value, of) => (of ? (value / of).toFixed(2) : '–');

export function table(shape, bytes, rows, refused) {
  const of = Object.fromEntries(rows.map((row) => [row.name, row]));
  const line = (cells) =>
    cells
      .map((cell, index) => (index ? String(cell).padStart(columns[index][1]) : String(cell).padEnd(columns[0][1])))
      .join(' ');
  return [
    `${shape} (${(bytes / 1000).toFixed(1)} kB)`,
    line(columns.map(([title]) => title)),
    ...rows.map((row) => line(columns.map(([, , cell]) => cell(row, of)))),
    ...[...refused].map(([name, reason]) => `${name.padEnd(14)} not measured: ${reason}`),
    '',
  ].join('\n');
}

/** The goals of the project, each with what was measured. */
export function goals(shapes) {
  const lines = [];
  const goal = (what, value, holds) => lines.push(`${holds ? 'met ' : 'MISS'}  ${what}: ${value}`);
  for (const [shape, { sluse, apollo, ...others }] of Object.entries(shapes)) {
    if (!sluse) continue;
    const against = (name, least) => {
      const peer = name === 'apollo' ? apollo : others[name];
      if (peer)
        goal(`${shape}: at least ${least} × ${name}`, (sluse.rps / peer.rps).toFixed(2), sluse.rps >= least * peer.rps);
    };
    against('hand-written', 0.75);
    against('hive-rust', 2.5);
    if (shape === 'small') against('mercurius', 1.3);
    if (others['sluse-open']) {
      const cost = 1 - sluse.rps / others['sluse-open'].rps;
      goal(`${shape}: all walls cost at most 15 %`, `${(cost * 100).toFixed(0)} %`, cost <= 0.15);
    }
    if (apollo) {
      goal(
        `${shape}: p99 ≤ apollo's ${fixed(apollo.p99Ms)} ms`,
        `${fixed(sluse.p99Ms)} ms`,
        sluse.p99Ms <= apollo.p99Ms,
      );
      goal(
        `${shape}: memory ≤ apollo's ${fixed(apollo.rssMb)} MB`,
        `${fixed(sluse.rssMb)} MB`,
        sluse.rssMb <= apollo.rssMb,
      );
    }
  }
  return lines.join('\n');
}
