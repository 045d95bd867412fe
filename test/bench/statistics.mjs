/** What is said of many measured times. */

/** The value below which this part of all values lies. */
export function quantile(values, part) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(part * sorted.length) - 1))] ?? Number.NaN;
}

export const median = (values) => quantile(values, 0.5);

/**
 * Wilcoxon's signed-rank test of paired differences: z is standard normal if neither of the two tends to be larger. Equal differences
 * share their ranks, and pairs without a difference are left out.
 */
export function signedRank(differences) {
  const found = differences
    .filter((difference) => difference !== 0)
    .sort((one, other) => Math.abs(one) - Math.abs(other));
  const count = found.length;
  let [sum, ties] = [0, 0];
  for (let from = 0; from < count; ) {
    let to = from + 1;
    while (to < count && Math.abs(found[to]) === Math.abs(found[from])) to += 1;
    // Ranks from + 1 to `to` have this mean.
    const rank = (from + 1 + to) / 2;
    for (let nth = from; nth < to; nth += 1) if (found[nth] > 0) sum += rank;
    ties += (to - from) ** 3 - (to - from);
    from = to;
  }
  const variance = (count * (count + 1) * (2 * count + 1)) / 24 - ties / 48;
  return { z: variance > 0 ? (sum - (count * (count + 1)) / 4) / Math.sqrt(variance) : 0, median: median(differences) };
}

/** Puts a list in a random order, in place. */
export function shuffled(list) {
  for (let last = list.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [list[last], list[other]] = [list[other], list[last]];
  }
  return list;
}
