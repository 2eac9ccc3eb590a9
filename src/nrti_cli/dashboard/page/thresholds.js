/** The thresholds of the models that are shown, each version asked for once. */

const known = new Map();

/**
 * @param {object[]} buckets of the period.
 * @param {() => void} arrived is called when more are known.
 * @returns {number[]} the different thresholds of probabilities that are known so far, the lowest first.
 */
export function thresholds(buckets, arrived) {
  const shown = new Set();
  for (const bucket of buckets) for (const [model, version, , , scored] of bucket.models) if (version && scored) shown.add(JSON.stringify([model, version]));
  const missing = [...shown].filter((name) => !known.has(name));
  if (missing.length) ask(missing).then(arrived);
  return [...new Set([...shown].map((name) => known.get(name)).filter((limit) => limit != null))].sort((a, b) => a - b);
}

async function ask(names) {
  for (const name of names) known.set(name, null);
  const query = new URLSearchParams();
  for (const name of names) {
    const [model, version] = JSON.parse(name);
    query.append("model", model);
    query.append("version", version);
  }
  const answer = await fetch(`thresholds?${query}`).catch(() => null);
  if (answer?.ok) (await answer.json()).forEach((limit, place) => known.set(names[place], limit));
}
