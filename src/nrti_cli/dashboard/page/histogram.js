/** Latencies and probabilities, counted in bins by the server (nrti_cli/dashboard/cells.py). */

export const BINS = 20;
const PER_DECADE = 20;

export function merged(buckets, name) {
  const total = {};
  for (const bucket of buckets) for (const bin in bucket[name]) total[bin] = (total[bin] ?? 0) + bucket[name][bin];
  return total;
}

/** The latency in ms below which a share of all lies, or null of none; exact to a bin, which is 12 % wide. */
export function percentile(bins, share) {
  const places = Object.keys(bins).map(Number).sort((a, b) => a - b);
  const all = places.reduce((sum, place) => sum + bins[place], 0);
  if (!all) return null;
  let left = share * all;
  for (const place of places) {
    if (left <= bins[place]) return 10 ** ((place + left / bins[place]) / PER_DECADE);
    left -= bins[place];
  }
  return 10 ** ((places.at(-1) + 1) / PER_DECADE);
}
