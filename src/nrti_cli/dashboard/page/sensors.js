/** Which color and shape a sensor has: those with the most failures in the period have their own, all others one. */

export const SHOWN = 8;
/** Stands for all others: the name of a sensor has no control characters. */
export const OTHERS = "\n";
const SHAPES = ["■", "●", "▲", "◆", "▼", "★", "✚", "⬟"];

/** The sensors that are drawn apart, the one with the most failures first; equal ones by name, so that they stay. */
export function ranked(buckets) {
  const failures = new Map();
  for (const bucket of buckets) for (const [name, count] of bucket.sensors) failures.set(name, (failures.get(name) ?? 0) + count);
  const names = [...failures].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
  return names.length > SHOWN ? [...names.slice(0, SHOWN - 1), OTHERS] : names;
}

const places = new Map();

/** Keeps the place of a sensor while it is drawn, so that colors do not jump from one to the other. */
export function assign(names) {
  const own = names.filter((name) => name !== OTHERS);
  for (const name of places.keys()) if (!own.includes(name)) places.delete(name);
  const taken = new Set(places.values());
  for (const name of own) {
    if (places.has(name)) continue;
    let place = 0;
    while (taken.has(place)) place += 1;
    places.set(name, place);
    taken.add(place);
  }
}

export const variable = (name) => (places.has(name) ? `--s${places.get(name)}` : "--others");

export function mark(name) {
  const made = document.createElement("span");
  made.className = "mark";
  made.ariaHidden = "true";
  remark(made, name);
  return made;
}

/** Gives a mark the shape and the color that the sensor has now. */
export function remark(made, name) {
  const shape = places.has(name) ? SHAPES[places.get(name)] : "▪", color = `var(${variable(name)})`;
  if (made.textContent !== shape) made.textContent = shape;
  if (made.style.color !== color) made.style.color = color;
}
