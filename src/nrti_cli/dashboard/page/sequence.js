/** The numbers of an event as a line, or a line for each channel. */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 130, HEIGHT = 26;

const element = (name, attributes) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

/** One line for each channel; those of a single step have no course, and are drawn beside each other. */
function channelsOf(data, channels) {
  const width = channels && data.length > channels ? channels : 1;
  return Array.from({ length: width }, (_, channel) => data.filter((_, index) => index % width === channel));
}

const line = (kind, places) => element("polyline", { class: kind, points: places.map((place) => place.map((number) => number.toFixed(1)).join(",")).join(" ") });

/** A line without length, whose round ends make a dot, however the drawing is stretched. */
const dot = ([x, y]) => element("path", { class: "dot", d: `M${x.toFixed(1)} ${y.toFixed(1)}h0` });

/** A line that fills the drawing from its lowest to its highest value; one of equal values lies in the middle. */
function placesOf(values, width, height) {
  const low = values.reduce((least, value) => Math.min(least, value)), span = values.reduce((most, value) => Math.max(most, value)) - low;
  return values.map((value, index) => [
    3 + (width - 6) * (values.length > 1 ? index / (values.length - 1) : 0.5),
    3 + (height - 6) * (span ? 1 - (value - low) / span : 0.5),
  ]);
}

/** @param {boolean} [peak] whether a line of one channel has a dot at its largest value. */
export function sequence({ data, channels, numbers = data.length }, large = false, peak = !large) {
  const [width, height] = large ? [780, 150] : [WIDTH, HEIGHT];
  const drawn = element("svg", { class: large ? "sequence large" : "sequence", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img" });
  const lines = channelsOf(data, channels);
  drawn.setAttribute("aria-label", `${numbers} ${numbers === 1 ? "number" : "numbers"}${channels ? ` in ${channels} channels` : ""}: ${data.slice(0, 6).join(", ")}${numbers > 6 ? " …" : ""}`);
  lines.forEach((values, channel) => {
    const places = placesOf(values, width, height);
    if (places.length > 1) drawn.append(line(lines.length > 1 ? `c${channel % 4}` : "", places));
    if (places.length === 1) drawn.append(dot(places[0]));
    else if (lines.length === 1 && peak) drawn.append(dot(places.reduce((top, place) => (place[1] < top[1] ? place : top))));
  });
  return drawn;
}

/** Two distributions over the same bins: the first as filled bars, the second as a line of steps. */
export function overlay(first, second, label) {
  const width = 150, height = 60, most = Math.max(...first, ...second) || 1, step = width / first.length;
  const drawn = element("svg", { class: "overlay", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": label });
  const top = (share) => height - (height - 3) * share / most;
  first.forEach((share, bin) => drawn.append(element("rect", { x: bin * step + 0.5, y: top(share), width: step - 1, height: height - top(share) })));
  drawn.append(line("", second.flatMap((share, bin) => [[bin * step, top(share)], [(bin + 1) * step, top(share)]])));
  return drawn;
}
