/** Puts the page together: the controls, what is drawn after each answer, and the keys. */

import { drawEvents, drawFailures, drawLatency, totals } from "./charts.js";
import { Feed } from "./feed.js";
import { clock, count, duration } from "./format.js";
import { openSensor } from "./dialog.js";
import { drawLatest, drawModels, drawProbability, drawStages, drawTiles, forgetRows } from "./panels.js";
import { OTHERS, assign, mark, ranked } from "./sensors.js";
import { askProduction, freezeProduction } from "./production.js";
import { thresholds } from "./thresholds.js";
import { PERIODS, onView, show, view } from "./view.js";

const byId = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");
const THEMES = ["system", "light", "dark"];
let last = null, drawing = 0;

function draw(data) {
  if (data.problem) {
    status("lost", data.problem);
    return;
  }
  last = data;
  cancelAnimationFrame(drawing);
  drawing = requestAnimationFrame(() => redraw(data));
}

function redraw(data) {
  const buckets = [...data.buckets.values()], sums = totals(data), names = ranked(buckets);
  assign(names);
  drawTiles(data, sums);
  drawStages(data.stages);
  drawLegend(names);
  drawFailures(data, names);
  drawModels(buckets);
  drawEvents(data);
  drawLatency(data);
  drawProbability(sums.probability, thresholds(buckets, () => redraw(last)));
  drawLatest(data.latest);
  drawChoices(data);
  byId("bars-width").textContent = `each bar ${duration(data.width * 1000).join(" ").replace(".0", "")}`;
  byId("empty").hidden = Boolean(sums.count) || data.history.asking;
  if (!sums.count) byId("empty-hint").replaceChildren(...hint(data));
  if (!feed.frozen) tellLive(data);
  byId("footer").textContent = footer(data);
}

function hint(data) {
  const code = document.createElement("code");
  const known = data.stages.find((stage) => stage.name === "endpoints");
  code.textContent = known?.state === "idle" ? "nrti train --name failure-v2" : "nrti produce --rate 1";
  return ["Choose a longer period, or type ", code, " in a terminal."];
}

/** The words stay the same while a state lasts: screen readers announce each change. */
function tellLive({ live, history }) {
  if (live.problem) status("lost", `the stream cannot be read since ${clock(live.since, view.utc)}, trying again`);
  else if (history.problem) status("lost", "live, but the lake cannot be read: see below");
  else status("", history.asking ? "live, reading the lake" : "live");
}

function footer({ history, live }) {
  const parts = live.problem ? [`The stream cannot be read: ${live.problem}`] : [];
  if (history.problem) parts.push(`The lake cannot be read: ${history.problem}`);
  else if (!history.complete) parts.push("What was predicted shortly before the page was opened is still on its way to the lake.");
  if (history.queries) parts.push(`${count(history.queries)} Athena queries, about $${history.dollars.toFixed(5)}`);
  return parts.join(" · ");
}

function status(kind, text) {
  const live = byId("live");
  live.className = `live ${kind}`;
  if (live.textContent !== text) live.textContent = text;
}

/** Names in the list of sensors at most; the search finds the others. */
const LISTED = 300;
let legend = "";

function drawLegend(names) {
  const now = JSON.stringify(names);
  if (now === legend) return;
  legend = now;
  const focused = byId("bars-legend").contains(document.activeElement) ? document.activeElement.value : null;
  byId("bars-legend").replaceChildren(...names.map((name) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.className = "link";
    button.value = name;
    button.append(mark(name), name);
    button.onclick = () => openSensor(name);
    item.append(...(name === OTHERS ? [mark(name), "others"] : [button]));
    return item;
  }));
  if (focused !== null) [...byId("bars-legend").querySelectorAll("button")].find((button) => button.value === focused)?.focus();
}

let choices = "";

function drawChoices(data) {
  const names = [...data.sensors.keys()].sort(), models = Object.keys(data.models).sort();
  for (const sensor of view.sensors) if (!names.includes(sensor)) names.push(sensor);
  if (view.model && !models.includes(view.model)) models.push(view.model);
  const now = JSON.stringify([names, models, view.sensors, view.model, byId("sensors-search").value]);
  byId("sensors-chosen").textContent = view.sensors.length === 0 ? "all" : view.sensors.length === 1 ? view.sensors[0] : view.sensors.length;
  if (now === choices || byId("sensors-list").contains(document.activeElement)) return;
  choices = now;
  const searched = byId("sensors-search").value.toLowerCase();
  const found = names.filter((name) => name.toLowerCase().includes(searched));
  byId("sensors-list").replaceChildren(...found.slice(0, LISTED).map((name) => choiceOf(name, data.sensors.get(name))));
  byId("sensors-note").textContent = found.length > LISTED ? `${count(LISTED)} of ${count(found.length)} sensors: search for the others` : "";
  byId("model").replaceChildren(new Option("all", ""), ...models.map((name) => new Option(name, name)));
  byId("model").value = view.model;
}

function choiceOf(name, counts) {
  const item = document.createElement("li"), label = document.createElement("label"), box = document.createElement("input");
  box.type = "checkbox";
  box.checked = view.sensors.includes(name);
  box.onchange = () => show({ sensors: box.checked ? [...view.sensors, name] : view.sensors.filter((other) => other !== name) });
  const text = document.createElement("span"), number = document.createElement("span");
  text.textContent = name;
  number.className = "dim";
  number.textContent = counts ? count(counts[0]) : "";
  label.append(box, text, number);
  item.append(label);
  return item;
}

function applyTheme() {
  document.documentElement.dataset.theme = view.theme === "system" ? (dark.matches ? "dark" : "light") : view.theme;
  byId("theme").textContent = view.theme[0].toUpperCase() + view.theme.slice(1);
  byId("zone").textContent = view.utc ? "UTC" : "Local";
}

function freeze(frozen) {
  byId("freeze").ariaPressed = String(frozen);
  byId("freeze").textContent = frozen ? "Resume" : "Freeze";
  if (frozen) status("frozen", "frozen");
  feed.freeze(frozen);
  freezeProduction(frozen);
}

for (const [seconds, name] of PERIODS) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.dataset.period = seconds;
  button.onclick = () => show({ period: seconds });
  byId("periods").append(button);
}

function markPeriod() {
  for (const button of byId("periods").children) button.ariaPressed = String(Number(button.dataset.period) === view.period);
}

const feed = new Feed(draw);
byId("freeze").onclick = () => freeze(!feed.frozen);
byId("zone").onclick = () => show({ utc: !view.utc });
byId("theme").onclick = () => show({ theme: THEMES[(THEMES.indexOf(view.theme) + 1) % THEMES.length] });
byId("model").onchange = () => show({ model: byId("model").value });
byId("sensors-all").onclick = () => show({ sensors: [] });
byId("sensors-search").oninput = () => last && drawChoices(last);
dark.onchange = () => show({});

onView((change) => {
  applyTheme();
  markPeriod();
  forgetRows();
  choices = legend = "";
  if ("period" in change || "sensors" in change || "model" in change) {
    if (feed.frozen) freeze(false);
    feed.reset();
  } else if (last) redraw(last);
  if (!feed.frozen) askProduction();
});

const KEYS = { f: () => byId("freeze").click(), u: () => byId("zone").click(), t: () => byId("theme").click(), s: openSensors };

function openSensors() {
  byId("sensors").open = !byId("sensors").open;
  if (byId("sensors").open) byId("sensors-search").focus();
}

document.addEventListener("pointerdown", (event) => {
  if (!byId("sensors").contains(event.target)) byId("sensors").open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && byId("sensors").open) {
    byId("sensors").open = false;
    byId("sensors").querySelector("summary").focus();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
  const place = Number(event.key) - 1;
  if (PERIODS[place]) show({ period: PERIODS[place][0] });
  else if (KEYS[event.key]) {
    event.preventDefault(); // the search would get the letter
    KEYS[event.key]();
  }
});

applyTheme();
markPeriod();
forgetRows();
askProduction();
const about = await (await fetch("about")).json();
byId("place").textContent = `${about.place} · stack ${about.stack}`;
document.title = `nrti · ${about.stack} · ${about.target}`;
