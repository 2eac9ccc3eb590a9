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

/** The parts of a line that has gaps, each value with its index. */
function runs(values) {
  const found = [[]];
  values.forEach((value, index) => (value === null ? found.push([]) : found.at(-1).push([value, index])));
  return found.filter((run) => run.length > 1);
}

/**
 * @param {number[]} [marked] places that get a dot; unless they are given, a small line of one channel has one at its largest value.
 * @param {(number|null)[]} [limits] a second line, dashed: what each value is compared with.
 */
export function sequence({ data, channels, numbers = data.length }, large = false, marked = null, limits = []) {
  const [width, height] = large ? [780, 150] : [WIDTH, HEIGHT];
  const drawn = element("svg", { class: large ? "sequence large" : "sequence", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img" });
  const lines = channelsOf(data, channels);
  drawn.setAttribute("aria-label", `${numbers} numbers${channels ? ` in ${channels} channels` : ""}: ${data.slice(0, 6).join(", ")}${numbers > 6 ? " …" : ""}`);
  lines.forEach((values, channel) => {
    const all = [...values, ...limits.filter((limit) => limit !== null)];
    const low = Math.min(...all), span = Math.max(...all) - low || 1;
    const place = (value, index) => [
      3 + (width - 6) * (values.length > 1 ? index / (values.length - 1) : 0.5),
      3 + (height - 6) * (1 - (value - low) / span),
    ];
    const places = values.map(place);
    drawn.append(line(lines.length > 1 ? `c${channel % 4}` : "", places));
    for (const run of runs(limits)) drawn.append(line("limit", run.map(([limit, index]) => place(limit, index))));
    const peak = lines.length === 1 && !large ? [values.indexOf(Math.max(...values))] : [];
    const dots = values.length === 1 ? [0] : marked ?? peak; // one value makes no line
    for (const place of dots) drawn.append(element("circle", { cx: places[place][0], cy: places[place][1], r: large ? 4 : 2.5 }));
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
