/** One sensor, or one prediction, opened in front of the page. */

import { count, duration, full, percent } from "./format.js";
import { sequence } from "./sequence.js";
import { view } from "./view.js";

const dialog = document.getElementById("dialog"), body = document.getElementById("dialog-body");
document.getElementById("dialog-close").onclick = () => dialog.close();

function make(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

function open(title, ...content) {
  document.getElementById("dialog-title").textContent = title;
  body.replaceChildren(...content);
  if (!dialog.open) dialog.showModal();
}

async function fetched(title, address, draw) {
  open(title, make("p", "dim", "Loading …"));
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(await answer.text());
    open(title, ...draw(await answer.json()));
  } catch (error) {
    open(title, make("p", "bad", error.message));
  }
}

const list = (pairs) => make("dl", "", ...pairs.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value ?? "–")]));

const copied = (text) => {
  const button = make("button", "", "Copy");
  button.onclick = async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  };
  return button;
};

export const openPrediction = (sensor, key) => fetched(`Prediction of ${sensor}`, `prediction?${new URLSearchParams({ sensor, key })}`, drawPrediction);

function drawPrediction({ prediction, event, command }) {
  const [number, unit] = duration(Math.max(0, prediction.latency));
  const sent = JSON.stringify(event);
  return [
    sequence(prediction, true),
    list([
      ["Prediction", `${prediction.prediction} (${prediction.prediction ? "failure" : "no failure"})${prediction.label ? `, label ${prediction.label}` : ""}`],
      ["Probability", prediction.probability?.toString()],
      ["Score", prediction.score?.toString()],
      ["Model", `${prediction.model}, version ${prediction.version || "unknown"}`],
      ["Endpoint", prediction.endpoint],
      ["Event", full(prediction.timestamp, view.utc)],
      ["Received", full(prediction.received_at, view.utc)],
      ["Predicted", full(prediction.predicted_at, view.utc)],
      ["Latency", `${number} ${unit}`],
      ["Event id", prediction.event_id],
      ["Channels", prediction.channels ? `${prediction.channels} (${count(prediction.data.length / prediction.channels)} ${prediction.data.length === prediction.channels ? "step" : "steps"})` : `flat, ${count(prediction.data.length)} numbers`],
    ]),
    make("h3", "", "The event"), make("pre", "", sent), copied(sent),
    make("h3", "", "Find it again"), make("pre", "", command), copied(command),
  ];
}

export const openSensor = (sensor) => fetched(sensor, `sensor?${new URLSearchParams({ name: sensor })}`, drawSensor);

function drawSensor({ sensor, predictions, models, silences }) {
  if (!predictions.length) return [make("p", "dim", "It has no predictions.")];
  const failing = predictions.filter((one) => one.prediction).length;
  const [newest, oldest] = [predictions[0], predictions.at(-1)];
  return [
    list([
      ["Newest event", full(newest.timestamp, view.utc)],
      ["Shown", `the latest ${count(predictions.length)}, since ${full(oldest.timestamp, view.utc)}`],
      ["Failures", `${count(failing)}, ${percent(failing, predictions.length)}`],
      ["Models", models.map(([model, version, all, threshold]) => `${model} ${version ? `version ${version}` : "without a version"}: ${count(all)}${threshold === null ? "" : `, threshold ${threshold.toPrecision(4)}`}`).join(" · ")],
      ["Silences", silences.length ? silences.map(({ from, to }) => `${duration(to - from).join(" ")} until ${full(to, view.utc)}`).join(" · ") : "none among these"],
    ]),
    ...overTime(predictions.toReversed(), models),
    make("h3", "", "Latest sequences"),
    make("ul", "", ...predictions.slice(0, 12).map((one) => {
      const button = make("button", "link", full(one.timestamp, view.utc), one.prediction ? " · failure" : "");
      button.onclick = () => openPrediction(sensor, one.key);
      return make("li", "", button, sequence(one));
    })),
  ];
}

/** What the models say over time: probabilities where there are some, else scores, else 0 and 1. */
function overTime(predictions, models) {
  const kind = ["probability", "score", "prediction"].find((name) => predictions.some((one) => one[name] !== null));
  const known = predictions.filter((one) => one[kind] !== null);
  const failing = known.flatMap((one, place) => (one.prediction ? [place] : []));
  const limits = kind === "prediction" ? [] : known.map((one) => models.find(([model, version]) => model === one.model && version === one.version)?.[3] ?? null);
  const drawn = sequence({ data: known.map((one) => one[kind]), channels: null }, true, failing, limits);
  const title = `${kind[0].toUpperCase()}${kind.slice(1)} over time, failures marked${limits.some((limit) => limit !== null) ? ", threshold dashed" : ""}`;
  drawn.setAttribute("aria-label", `${title}: the latest ${known.length} predictions`);
  return [make("h3", "", title), drawn];
}
