/** What models said about one sensor over time, against their thresholds. */

import { Chart, axis, color, theme, zoned } from "./charts.js";
import { clock, day, instant } from "./format.js";
import { view } from "./view.js";

const root = document.createElement("div"), title = document.createElement("h3");
root.className = "chart";
root.setAttribute("role", "img");
const chart = new Chart(root);
const DAY = 86400;

/**
 * @param {object[]} predictions of one sensor, the oldest first.
 * @param {Array} models each with its version, a count, and its threshold or null.
 * @param {object[]} silences that interrupt the line.
 * @returns {Element[]} a title, and a chart of probabilities where there are some, else of scores, else of 0 and 1.
 */
export function drawTrend(predictions, models, silences) {
  const kind = ["probability", "score", "prediction"].find((name) => predictions.some((one) => one[name] !== null));
  const gaps = silences.map(({ from, to }) => ({ timestamp: (from + to) / 2, [kind]: null }));
  const points = [...predictions.filter((one) => one[kind] !== null), ...gaps].sort((a, b) => a.timestamp - b.timestamp);
  const limits = kind === "prediction" ? [] : limitsOf(points, models);
  const values = points.map((one) => one[kind]);
  const span = (points.at(-1).timestamp - points[0].timestamp) / 1000;
  title.textContent = `${kind[0].toUpperCase()}${kind.slice(1)} over time, failures red${limits.length ? ", thresholds dashed" : ""}`;
  root.ariaLabel = `${title.textContent}: ${predictions.length} predictions`;
  chart.set(JSON.stringify([theme(), kind, span > DAY, limits.length]), () => options(kind, span > DAY ? day : clock, limits), [
    points.map((one) => one.timestamp / 1000), values, values.map((value, place) => (points[place].prediction ? value : null)), ...limits,
  ], (place) => (values[place] === null ? [] : [instant(points[place].timestamp, view.utc), `${kind} ${values[place].toPrecision(4)}`, points[place].model]));
  return [title, root];
}

/** For each model and version with a threshold: this, from its first prediction to its last one. */
function limitsOf(points, models) {
  return models.filter(([, , , limit]) => limit !== null).map(([model, version, , limit]) => {
    const places = [...points.keys()].filter((place) => points[place].model === model && points[place].version === version);
    return points.map((_, place) => (place >= places[0] && place <= places.at(-1) ? limit : null));
  });
}

const options = (kind, label, limits) => ({
  ...zoned(),
  scales: { y: kind === "score" ? {} : { range: [-0.03, 1.03] } },
  axes: [
    axis({ size: 28, space: 96, values: (_, seconds) => seconds.map((second) => label(second * 1000, view.utc)) }),
    axis({ size: 48 }),
  ],
  series: [
    {},
    { stroke: color("--s0"), width: 1.2, points: { show: true, size: 4, fill: color("--s0") } },
    { stroke: color("--bad"), width: 0, points: { show: true, size: 7, fill: color("--bad") } },
    ...limits.map(() => ({ stroke: color("--text"), width: 1.2, dash: [6, 4], points: { show: false } })),
  ],
});
