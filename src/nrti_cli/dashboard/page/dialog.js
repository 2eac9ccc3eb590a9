/** One sensor, or one prediction, opened in front of the page. */

import { count, duration, full, isolated, percent } from "./format.js";
import { sequence } from "./sequence.js";
import { drawTrend } from "./trend.js";
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

/** Names with their values; those without a value are left out. */
const list = (pairs) => make("dl", "", ...pairs.filter(([, value]) => value != null).flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]));

const copied = (text) => {
  const button = make("button", "", "Copy");
  button.onclick = async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  };
  return button;
};

export const openPrediction = (sensor, key) => fetched(`Prediction of ${isolated(sensor)}`, `prediction?${new URLSearchParams({ sensor, key })}`, drawPrediction);

function drawPrediction({ prediction, event, command }) {
  const sent = JSON.stringify(event);
  const sensor = make("button", "link", prediction.sensor);
  sensor.onclick = () => openSensor(prediction.sensor);
  return [
    sequence(prediction, true),
    list([
      ["Sensor", sensor],
      ["Prediction", `${prediction.prediction} (${prediction.prediction ? "failure" : "no failure"})${prediction.label ? `, label ${prediction.label}` : ""}`],
      ["Probability", prediction.probability?.toString()],
      ["Score", prediction.score?.toString()],
      ["Model", `${prediction.model}, version ${prediction.version || "unknown"}`],
      ["Endpoint", prediction.endpoint],
      ["Event", full(prediction.timestamp, view.utc)],
      ["Received", full(prediction.received_at, view.utc)],
      ["Predicted", full(prediction.predicted_at, view.utc)],
      ["Latency", duration(Math.max(0, prediction.latency)).join(" ")],
      ["Event id", prediction.event_id],
      ["Sequence", sizeOf(prediction)],
    ]),
    make("h3", "", "The event"), make("pre", "", sent), copied(sent),
    make("h3", "", "Find it again"), make("pre", "", command), copied(command),
  ];
}

const counted = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

const sizeOf = ({ data, channels }) => (channels ? `${counted(channels, "channel")}, ${counted(data.length / channels, "step")}` : counted(data.length, "number"));

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
      ["Models", lines(models.map(([model, version, all, threshold]) => `${model}, ${version ? `version ${version}` : "no version"}: ${counted(all, "prediction")}${threshold === null ? "" : `, threshold ${threshold.toPrecision(4)}`}`))],
      ["Silences", silences.length ? lines(silences.map(({ from, to }) => `${duration(to - from).join(" ")} until ${full(to, view.utc)}`)) : "none among these"],
    ]),
    ...drawTrend(predictions.toReversed(), models, silences),
    make("h3", "", "Latest sequences"),
    make("ul", "sequences", ...predictions.slice(0, 12).map((one) => {
      const button = make("button", "link", full(one.timestamp, view.utc), make("span", "bad", one.prediction ? " failure" : ""));
      button.onclick = () => openPrediction(sensor, one.key);
      return make("li", "", button, sequence(one));
    })),
  ];
}

const lines = (texts) => make("ul", "", ...texts.map((text) => make("li", "", text)));
