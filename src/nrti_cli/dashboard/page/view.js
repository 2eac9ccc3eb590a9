/** What is shown, kept in the address so that a view can be sent to another person. */

export const PERIODS = [[60, "1m"], [300, "5m"], [900, "15m"], [3600, "1h"], [21600, "6h"], [86400, "24h"], [604800, "7d"]];

const listeners = [];

function read() {
  const query = new URLSearchParams(location.search);
  const period = Number(query.get("period"));
  return {
    period: PERIODS.some(([seconds]) => seconds === period) ? period : 900,
    sensors: query.getAll("sensor"),
    model: query.get("model") ?? "",
    utc: query.get("time") !== "local",
    theme: ["light", "dark"].includes(query.get("theme")) ? query.get("theme") : "system",
  };
}

export const view = read();

/** Changes the view, writes it into the address, and notifies the listeners. */
export function show(change) {
  Object.assign(view, change);
  const query = new URLSearchParams({ period: view.period });
  for (const sensor of view.sensors) query.append("sensor", sensor);
  if (view.model) query.set("model", view.model);
  if (!view.utc) query.set("time", "local");
  if (view.theme !== "system") query.set("theme", view.theme);
  history.replaceState(null, "", `?${query}`);
  for (const listener of listeners) listener(change);
}

export const onView = (listener) => listeners.push(listener);
