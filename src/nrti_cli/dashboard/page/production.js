/** Models in production: alerts, quality by labels, drift, shadows. Each panel is there only if the stack has such data. */

import { Chart, axis, color, theme, zoned } from "./charts.js";
import { count, day, full, isolated, percent } from "./format.js";
import { overlay, sequence } from "./sequence.js";
import { view } from "./view.js";

const byId = (id) => document.getElementById(id);
/** Sensors of an alert that are named, those that have it longest. */
const NAMED = 8;
const PAUSE = 10000, UNKNOWN = 1000, HIDDEN = 60000;
const STATES = { active: ["failed", "✕"], ok: ["ok", "●"], unknown: ["idle", "○"] };
const quality = new Chart(document.getElementById("quality-chart"));
let timer = 0, asking = null, frozen = false, shown = "";

function make(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

export function freezeProduction(now) {
  frozen = now;
  askProduction();
}

/** Asks now, and from then on every few seconds. */
export function askProduction() {
  clearTimeout(timer);
  asking?.abort();
  if (!frozen) ask();
}

async function ask() {
  const own = asking = new AbortController();
  let pause = PAUSE;
  try {
    const query = new URLSearchParams({ period: view.period });
    for (const sensor of view.sensors) query.append("sensor", sensor);
    if (view.model) query.set("model", view.model);
    const answer = await fetch(`production?${query}`, { signal: AbortSignal.any([own.signal, AbortSignal.timeout(PAUSE)]) });
    if (answer.ok) {
      const data = await answer.json();
      if (!data.known) pause = UNKNOWN;
      draw(data);
    }
  } catch { /* the feed says that the connection is lost */ }
  if (!own.signal.aborted) timer = setTimeout(ask, document.hidden ? HIDDEN : pause);
}

function draw(data) {
  const now = JSON.stringify([{ ...data, now: 0 }, view.utc, document.documentElement.dataset.theme]);
  if (now === shown) return;
  shown = now;
  byId("problems").textContent = data.problems.map((problem) => `Models in production cannot be looked up: ${problem}`).join(" · ");
  drawAlerts(data.alerts);
  drawQuality(data);
  drawDrift(data.drift);
  drawShadows(data.shadows);
}

function drawAlerts(alerts) {
  byId("alerts").hidden = !alerts.length;
  byId("alerts-list").replaceChildren(...alerts.map((alert) => {
    const [kind, mark] = STATES[alert.state];
    const state = make("span", `state ${kind}`, mark);
    state.ariaHidden = "true";
    return make("li", "", make("b", "", state, make("span", "quiet", `${alert.state}: `), alert.condition), make("span", "", alert.subject), make("span", "bad", sinceWhen(alert.active)), make("span", "dim", alert.note));
  }));
}

/** @param {object} active since when, in ms, by sensor or model; the name is empty for a rule with a single subject. */
function sinceWhen(active) {
  const found = Object.entries(active).filter(([name]) => name).sort((a, b) => a[1] - b[1]).map(([name]) => name);
  const times = Object.values(active);
  if (!times.length) return "";
  const more = found.length > NAMED ? ` and ${count(found.length - NAMED)} more` : "";
  return `since ${full(Math.min(...times), view.utc).replace(/\.\d+$/, "")}${found.length ? `: ${found.slice(0, NAMED).map(isolated).join(", ")}${more}` : ""}`;
}

const precision = ([hits, alarms]) => (hits + alarms ? hits / (hits + alarms) : null);
const recall = ([hits, , missed]) => (hits + missed ? hits / (hits + missed) : null);
const share = (value) => (value === null ? "–" : percent(value, 1));

function drawQuality({ quality: found, now, span, width }) {
  byId("quality").hidden = !found;
  if (!found) return;
  const sums = [0, 1, 2, 3].map((place) => found.buckets.reduce((sum, bucket) => sum + bucket[place + 1], 0));
  byId("confusion").replaceChildren(confusion(sums));
  byId("quality-models").replaceChildren(table(["Model", "Labelled", "Precision", "Recall"], found.models.map(([model, version, shadow, ...cell]) => [
    `${model}${version ? ` ${version}` : ""}${shadow ? " (shadow)" : ""}`, count(cell.reduce((sum, value) => sum + value)), share(precision(cell)), share(recall(cell)),
  ])));
  const last = Math.floor(now / 1000 / width) * width, at = [];
  for (let second = last - span; second <= last; second += width) at.push(second);
  const cells = new Map(found.buckets.map(([second, ...cell]) => [second, cell]));
  const of = (figure) => at.map((second) => (cells.has(second) ? figure(cells.get(second)) : null));
  const [precisions, recalls] = [of(precision), of(recall)];
  quality.set(theme(), () => ({
    ...zoned(),
    scales: { y: { range: [0, 1.02] } },
    axes: [axis({ size: 28, space: 96, values: (_, seconds) => seconds.map((second) => day(second * 1000, view.utc)) }), axis({ size: 48, values: (_, values) => values.map((value) => `${Math.round(100 * value)} %`) })],
    series: [
      {},
      { label: "precision", stroke: color("--s0"), width: 1.6, points: { show: true, size: 5 }, spanGaps: true },
      { label: "recall", stroke: color("--s1"), width: 1.6, dash: [6, 3], points: { show: true, size: 5 }, spanGaps: true },
    ],
  }), [at, precisions, recalls], (place) => (cells.has(at[place]) ? [day(at[place] * 1000, view.utc), `precision ${share(precisions[place])}`, `recall ${share(recalls[place])}`] : []));
}

function confusion(sums) {
  const [hits, alarms, missed, rejected] = sums.map(count);
  const made = table(["", "predicted failure", "predicted none"], [["failure", hits, missed], ["no failure", alarms, rejected]]);
  made.className = "confusion";
  made.rows[1].cells[2].classList.add("wrong");
  made.rows[2].cells[1].classList.add("wrong");
  return make("div", "", made, make("p", "", `Precision ${share(precision(sums))} · Recall ${share(recall(sums))}`));
}

const VERDICTS = { drift: ["failed", "✕", "drift"], stable: ["ok", "●", "no drift"], too_few_events: ["idle", "○", "too few events"] };

function drawDrift(models) {
  byId("drift").hidden = !models.length;
  byId("drift-models").replaceChildren(...models.flatMap((model) => {
    const [kind, sign, words] = VERDICTS[model.state];
    const state = make("span", `state ${kind}`, sign);
    state.ariaHidden = "true";
    const few = model.state === "too_few_events" && model.needed ? `, ${count(model.needed)} are needed` : "";
    const note = `version ${model.version}, ${count(model.events)} events${few}, against ${model.origin}${model.others ? `; ${count(model.others)} other inputs differ less` : ""}`;
    return [
      make("p", "", state, make("b", "", `${model.model}: ${words} `), make("span", "dim", note)),
      make("ul", "inputs", ...model.inputs.map(inputOf)),
    ];
  }));
}

function inputOf({ name, psi, ks, reasons, edges, reference, now }) {
  const drawn = overlay(reference, now, `${name}: shares of the reference and of the events in ${now.length} bins${edges.length ? ` from ${edges[0]} to ${edges.at(-1)}` : ""}`);
  return make("li", "", make("b", reasons.length ? "bad" : "", name), drawn, make("p", "dim", `PSI ${psi.toFixed(3)} · KS ${ks.toFixed(3)}${reasons.length ? ` · ${reasons.join(", ")}` : ""}`));
}

function drawShadows(pairs) {
  byId("shadows").hidden = !pairs.length;
  byId("shadows-list").replaceChildren(table(["Model and its shadow", "Agreement", "Over time", "Events", "Failures of the model", "Failures of the shadow"], pairs.map(({ model, shadow, sums: [events, alike, failures, others], buckets }) => [
    `${model}, ${shadow}`, percent(alike, events), sequence({ data: buckets.map(([, all, same]) => same / all), channels: null }, false, false), count(events), count(failures), count(others),
  ])));
}

/** The first cell of each row is its header; all after the first are numbers. */
function table(titles, rows) {
  const head = make("tr", "", ...titles.map((title, place) => Object.assign(make("th", place ? "number" : "", title), { scope: "col" })));
  return make("table", "", make("thead", "", head), make("tbody", "", ...rows.map(([name, ...values]) => make("tr", "", Object.assign(make("th", "", name), { scope: "row" }), ...values.map((value) => make("td", "number", value))))));
}
