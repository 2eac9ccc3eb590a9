/** The three charts over time. A chart is made anew when its series change, and gets only data otherwise. */

import uPlot from "./uPlot.js";
import { merged, percentile } from "./histogram.js";
import { clock, count, day, duration, isolated, rate } from "./format.js";
import { OTHERS, variable } from "./sensors.js";
import { view } from "./view.js";

const style = getComputedStyle(document.documentElement);
export const color = (name) => style.getPropertyValue(name).trim();
const FONT = "11px Inter, system-ui, sans-serif";

export const axis = (more) => ({ stroke: () => color("--dim"), font: FONT, grid: { stroke: () => color("--grid"), width: 1 }, ticks: { show: false }, ...more });

const times = axis({
  size: 28,
  space: 84,
  values: (_, seconds) => seconds.map(moment),
});

const moment = (second) => (view.period > 21600 ? day : clock)(second * 1000, view.utc);

/** The times of all bars of the period, those of empty buckets too. */
function bars(data) {
  const last = Math.floor(data.now / 1000 / data.width) * data.width;
  const found = [];
  for (let at = last - data.period + data.width; at <= last; at += data.width) found.push(at);
  return found;
}

export class Chart {
  constructor(root) {
    this.root = root;
    this.key = "";
    this.readout = Object.assign(document.createElement("div"), { className: "readout", hidden: true });
    root.append(this.readout);
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(this.root);
  }

  size() {
    return { width: this.root.clientWidth, height: this.root.clientHeight };
  }

  /** Shows the values under the pointer. */
  read(place) {
    const lines = place == null ? [] : this.say(place);
    this.readout.hidden = !lines.length;
    this.readout.textContent = lines.join("\n");
  }

  /**
   * @param {string} key of the series and the colors: the plot is made anew when it changes.
   * @param {() => object} options of the plot.
   * @param {(place: number) => string[]} say what is under the pointer, in lines.
   */
  set(key, options, data, say) {
    this.say = say;
    if (key !== this.key) {
      this.plot?.destroy();
      this.key = key;
      this.plot = new uPlot({ ...this.size(), legend: { show: false }, cursor: { drag: { x: false, y: false }, points: { show: false } }, hooks: { setCursor: [(plot) => this.read(plot.cursor.idx)] }, padding: [8, 36, 0, 0], ...options() }, data, this.root);
    } else {
      this.plot.setData(data);
    }
  }
}

const failures = new Chart(document.getElementById("bars")), events = new Chart(document.getElementById("events")), latency = new Chart(document.getElementById("latency"));

/** What all charts depend on: they are made anew when it changes. */
export const theme = () => document.documentElement.dataset.theme + view.utc + view.period;

/** Puts the marks of the axis on whole hours and days of the zone in which they are written. */
export const zoned = () => ({ tzDate: (second) => (view.utc ? uPlot.tzDate(new Date(second * 1000), "Etc/UTC") : new Date(second * 1000)) });

/** @param {string[]} names of the sensors, the one at the bottom first. */
export function drawFailures(data, names) {
  const at = bars(data);
  const counts = names.map((name) => at.map((second) => ofSensor(data.buckets.get(second), name, names)));
  // Each bar is drawn down to the axis, the highest sum first, so that those below cover it.
  const sums = at.map(() => 0);
  const stacked = counts.map((values) => values.map((value, index) => (sums[index] += value))).reverse();
  const top = [...names].reverse();
  failures.set(JSON.stringify(top.map((name) => [name, variable(name)])) + theme(), () => ({
    ...zoned(),
    scales: { x: { time: true, range: (plot, low, high) => [low - data.width / 2, high + data.width / 2] }, y: { range: (_, low, high) => [0, Math.max(4, high * 1.08)] } },
    axes: [times, axis({ size: 44, values: (_, values) => values.map((value) => (Number.isInteger(value) ? count(value) : "")) })],
    series: [{}, ...top.map((name) => ({ label: name, stroke: color(variable(name)), fill: color(variable(name)), width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.86, 60] }) }))],
  }), [at, ...stacked], (place) => [moment(at[place]), ...failing(names, counts.map((values) => values[place]))]);
}

/** A line for each sensor that has failures. */
function failing(names, values) {
  const lines = names.flatMap((name, series) => (values[series] ? [`${name === OTHERS ? "others" : isolated(name)} ${count(values[series])}`] : []));
  return lines.length ? lines : ["no failures"];
}

function ofSensor(bucket, name, names) {
  if (!bucket) return 0;
  if (name !== OTHERS) return bucket.sensors.get(name) ?? 0;
  return [...bucket.sensors].reduce((sum, [sensor, value]) => (names.includes(sensor) ? sum : sum + value), 0);
}

export function drawEvents(data) {
  const at = bars(data);
  const rates = at.map((second) => (data.buckets.get(second)?.count ?? 0) / data.width);
  rates.splice(-1, 1, null); // the last one is not over
  events.set(theme(), () => ({
    ...zoned(),
    scales: { y: { range: (_, low, high) => [0, Math.max(1, high * 1.15)] } },
    axes: [times, axis({ size: 48 })],
    series: [{}, { label: "events per second", stroke: color("--accent"), width: 1.6, fill: `${color("--accent")}22`, points: { show: false } }],
  }), [at, rates], (place) => (rates[place] === null ? [] : [moment(at[place]), `${rate(rates[place])} per second`]));
}

/** Only values without neighbors get a point: they make no line. */
const alone = { size: 4, filter: (plot, series) => [...plot.data[series].keys()].filter((place) => plot.data[series][place] != null && plot.data[series][place - 1] == null && plot.data[series][place + 1] == null) };

export function drawLatency(data) {
  const at = bars(data);
  const of = (share) => at.map((second) => {
    const bucket = data.buckets.get(second);
    return bucket ? percentile(bucket.latency, share) : null;
  });
  const [p50, p99] = [of(0.5), of(0.99)];
  latency.set(theme(), () => ({
    ...zoned(),
    scales: { y: { distr: 3 } },
    axes: [times, axis({ size: 48, values: (_, values) => values.map((value) => (value == null ? "" : count(value))) })],
    series: [
      {},
      { label: "p50", stroke: color("--s2"), width: 1.6, points: alone },
      { label: "p99", stroke: color("--s1"), width: 1.6, dash: [6, 3], points: alone },
    ],
  }), [at, p50, p99], (place) => (p50[place] === null ? [] : [moment(at[place]), `p50 ${duration(p50[place]).join(" ")}`, `p99 ${duration(p99[place]).join(" ")}`]));
}

export const totals = (data) => ({
  count: [...data.buckets.values()].reduce((sum, bucket) => sum + bucket.count, 0),
  failures: [...data.buckets.values()].reduce((sum, bucket) => sum + bucket.failures, 0),
  latency: merged(data.buckets.values(), "latency"),
  probability: merged(data.buckets.values(), "probability"),
});
