/** Numbers and times as people read them. */

const whole = new Intl.NumberFormat("en");

export const count = (value) => whole.format(value);

/** A name whose direction of writing does not change that of the text around it. */
export const isolated = (name) => `\u2068${name}\u2069`;

export const percent = (part, all) => (all ? `${(100 * part / all).toFixed(2)} %` : "–");

export const rate = (value) => (value >= 100 ? whole.format(Math.round(value)) : value.toFixed(value < 10 ? 2 : 1));

/** @param {number} ms milliseconds, at least 0 */
export function duration(ms) {
  if (ms < 9.95) return [ms.toFixed(1), "ms"];
  if (ms < 1000) return [ms.toFixed(0), "ms"];
  if (ms < 60000) return [(ms / 1000).toFixed(1), "s"];
  if (ms < 3600000) return [(ms / 60000).toFixed(1), "min"];
  if (ms < 172800000) return [(ms / 3600000).toFixed(1), "h"];
  return [count(Math.round(ms / 86400000)), "d"];
}

const zoned = (utc, options) => new Intl.DateTimeFormat("en-GB", { ...options, hourCycle: "h23", timeZone: utc ? "UTC" : undefined });
const formats = new Map();

function formatted(ms, utc, kind, options) {
  const key = kind + utc;
  if (!formats.has(key)) formats.set(key, zoned(utc, options));
  return formats.get(key).format(ms);
}

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" };

export const clock = (ms, utc) => formatted(ms, utc, "clock", CLOCK);

export const instant = (ms, utc) => formatted(ms, utc, "instant", { ...CLOCK, fractionalSecondDigits: 3 });

export const day = (ms, utc) => formatted(ms, utc, "day", { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit" });

export const full = (ms, utc) => `${formatted(ms, utc, "date", { year: "numeric", month: "short", day: "2-digit" })}, ${instant(ms, utc)}`;
