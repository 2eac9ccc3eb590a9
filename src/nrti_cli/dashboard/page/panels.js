/** Everything on the page that is not a chart over time. */

import { count, duration, instant, percent, rate } from "./format.js";
import { BINS, percentile } from "./histogram.js";
import { openPrediction, openSensor } from "./dialog.js";
import { mark, remark } from "./sensors.js";
import { sequence } from "./sequence.js";
import { view } from "./view.js";

const byId = (id) => document.getElementById(id);
const STATES = { ok: "●", idle: "○", warn: "▲", failed: "✕" };

/** Sets a text only when it differs: to write one costs a layout. */
function write(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}

function make(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** Bars that are over, of which the rate is the mean. */
const RECENT = 3;

export function drawTiles(data, totals) {
  const first = Math.floor(data.now / 1000 / data.width - RECENT) * data.width;
  const recent = Array.from({ length: RECENT }, (_, place) => data.buckets.get(first + place * data.width)?.count ?? 0);
  write("rate", rate(recent.reduce((sum, events) => sum + events) / RECENT / data.width));
  write("rate-note", `${count(totals.count)} in ${periodName(data.period)}`);
  write("failures", count(totals.failures));
  byId("failures").classList.toggle("bad", totals.failures > 0);
  write("failures-note", totals.count ? `${percent(totals.failures, totals.count)} of ${count(totals.count)}` : "no events");
  for (const [id, share] of [["p50", 0.5], ["p99", 0.99]]) {
    const value = percentile(totals.latency, share);
    const [number, unit] = value === null ? ["–", ""] : duration(value);
    if (byId(id).textContent !== number + unit) byId(id).replaceChildren(number, make("small", "", unit));
  }
  drawLetters(data.stages.find((stage) => stage.name === "dead letters"));
}

function drawLetters(stage) {
  const waiting = (stage?.figures.messages ?? 0) + (stage?.figures.kept ?? 0);
  write("letters", stage ? count(waiting) : "–");
  byId("letters").classList.toggle("warn", waiting > 0);
  write("letters-note", waiting ? `${stage.reason}; nrti redrive --dry-run` : stage ? "none waits" : "");
}

export const periodName = (seconds) => (seconds < 3600 ? `${seconds / 60} min` : seconds < 86400 ? `${seconds / 3600} h` : `${seconds / 86400} d`);

let stagesShown = "";

export function drawStages(stages) {
  const now = JSON.stringify(stages);
  if (now === stagesShown) return;
  stagesShown = now;
  byId("stages").replaceChildren(...stages.map((stage) => {
    const state = make("span", `state ${stage.state}`, STATES[stage.state]);
    state.ariaHidden = "true";
    const reason = make("p", "", stage.reason);
    reason.title = stage.reason;
    const item = make("li", "", make("b", "", state, stage.name, make("span", "quiet", `: ${stage.state}`)), reason);
    item.dataset.state = stage.state;
    return item;
  }));
}

let modelsShown = "";

/** Failure rates by model and version, the model with most predictions first. */
export function drawModels(buckets) {
  const found = new Map();
  for (const bucket of buckets) {
    for (const [model, version, all, failing] of bucket.models) {
      const name = JSON.stringify([model, version]);
      const sums = found.get(name) ?? [0, 0];
      found.set(name, [sums[0] + all, sums[1] + failing]);
    }
  }
  const models = [...found].sort((a, b) => b[1][0] - a[1][0]);
  const now = JSON.stringify(models);
  if (now === modelsShown) return;
  modelsShown = now;
  const highest = Math.max(...models.map(([, [all, failing]]) => failing / all), 0.0001);
  byId("models").replaceChildren(...models.map(([name, [all, failing]]) => {
    const [model, version] = JSON.parse(name);
    const filled = make("i", "");
    filled.style.width = `${100 * failing / all / highest}%`;
    return make("li", "",
      make("span", "name", model), make("span", "bar", filled), make("b", "right", percent(failing, all)),
      make("span", "dim", version || "no version"), make("span", "dim right", `${count(failing)} of ${count(all)}`));
  }));
  write("models-note", models.length ? "and version" : "none");
}

const columns = Array.from({ length: BINS }, () => make("div", "", make("i", "failing"), make("i", "")));
byId("probability").append(...columns);

/** A bar a bin, on a log scale; those of predicted failures lie on the others of their bin, with stripes. */
export function drawProbability(bins, limits) {
  const most = Math.max(...columns.map((_, bin) => (bins[bin] ?? 0) + (bins[bin + BINS] ?? 0)), 1);
  columns.forEach((column, bin) => {
    const passing = bins[bin] ?? 0, failing = bins[bin + BINS] ?? 0, all = passing + failing;
    const height = all ? 4 + 96 * Math.log1p(all) / Math.log1p(most) : 0;
    column.children[0].style.height = `${all ? height * failing / all : 0}%`;
    column.children[1].style.height = `${all ? height * passing / all : 0}%`;
    column.title = `${bin / BINS} to ${(bin + 1) / BINS}: ${count(passing)} no failure, ${count(failing)} failure`;
  });
  drawThresholds(limits);
  write("probability-note", most > 1 || columns.some((_, bin) => bins[bin] || bins[bin + BINS]) ? "log scale, failures striped" : "none");
  byId("probability").ariaLabel = `Distribution of the probability of failure in ${BINS} bins${limits.length ? `, ${byId("threshold").textContent}` : ""}`;
}

let limitsShown = "[]";

/** A dashed line at each threshold. */
function drawThresholds(limits) {
  const now = JSON.stringify(limits);
  if (now === limitsShown) return;
  limitsShown = now;
  byId("limits").replaceChildren(...limits.map((limit) => {
    const mark = make("i", "");
    mark.style.left = `${100 * limit}%`;
    return mark;
  }));
  const [low, high] = [limits[0], limits.at(-1)].map((limit) => limit?.toPrecision(3));
  write("threshold", !limits.length ? "" : low === high ? `threshold ${low}` : `thresholds ${low} to ${high}`);
}

const rows = new Map();

export function drawLatest(latest) {
  const newest = [...latest].sort((a, b) => b[1].predicted_at - a[1].predicted_at).slice(0, 20);
  for (const [key, row] of rows) {
    if (!newest.some(([name]) => name === key)) {
      row.remove();
      rows.delete(key);
    }
  }
  const body = byId("latest");
  newest.forEach(([key, failure], index) => {
    if (!rows.has(key)) rows.set(key, rowOf(failure));
    else remark(rows.get(key).querySelector(".mark"), failure.sensor);
    if (body.children[index] !== rows.get(key)) body.insertBefore(rows.get(key), body.children[index] ?? null);
  });
  write("latest-note", newest.length ? "" : "none");
}

/** Made anew when times or colors are shown otherwise. */
export function forgetRows() {
  rows.clear();
  byId("latest").replaceChildren();
  write("latest-zone", view.utc ? "(UTC)" : "(local)");
}

function rowOf(failure) {
  const [number, unit] = duration(Math.max(0, failure.latency));
  const time = make("button", "link", instant(failure.predicted_at, view.utc));
  time.ariaLabel = `Prediction of ${failure.sensor} at ${time.textContent}: details`;
  time.onclick = () => openPrediction(failure.sensor, failure.key);
  const sensor = make("button", "link", mark(failure.sensor), failure.sensor);
  sensor.onclick = () => openSensor(failure.sensor);
  const probability = make("td", "", ...probabilityOf(failure)), model = make("td", "", failure.model);
  probability.title = failure.label ?? "";
  [sensor.title, model.title] = [failure.sensor, failure.model];
  return make("tr", "", make("td", "", time), make("td", "", sensor), model, make("td", "", sequence(failure)), probability, make("td", "right", `${number} ${unit}`));
}

function probabilityOf({ probability, score, label }) {
  if (probability === null) return [[score === null ? "" : `score ${score}`, label ?? ""].filter(Boolean).join(", ") || "–"];
  const filled = make("i", "");
  filled.style.width = `${100 * probability}%`;
  return [make("span", "bar", filled), probability.toFixed(4), label ? ` ${label}` : ""];
}
