/** Asks the server what has changed, one question after the other, and merges the answers. */

import { view } from "./view.js";

const ACTIVE = 250, HIDDEN = 5000, BROKEN = 1000, LONGEST = 10000;

export class Feed {
  /** @param {(data: object) => void} draw gets all that is known after each answer. */
  constructor(draw) {
    this.draw = draw;
    this.frozen = false;
    this.reset();
    document.addEventListener("visibilitychange", () => this.wake());
  }

  /** Forgets what is of another view, and asks for all of this one. */
  reset() {
    this.buckets = new Map();
    this.latest = new Map();
    this.version = "";
    this.turn = Symbol();
    this.wake();
  }

  wake() {
    clearTimeout(this.timer);
    this.asking?.abort();
    if (!this.frozen) this.timer = setTimeout(() => this.ask(), 0);
  }

  freeze(frozen) {
    this.frozen = frozen;
    this.wake();
  }

  async ask() {
    const began = performance.now(), turn = this.turn;
    let pause = ACTIVE;
    try {
      this.asking = new AbortController();
      const signal = AbortSignal.any([this.asking.signal, AbortSignal.timeout(LONGEST)]);
      const answer = await fetch(`changes?${this.query()}`, { signal });
      if (answer.status === 401) throw new Error("open the address that nrti dashboard printed last");
      if (!answer.ok) throw new Error(`the server answers ${answer.status}`);
      const data = await answer.json();
      if (turn !== this.turn || this.frozen) return;
      this.merge(data);
      this.draw({ ...data, buckets: this.buckets, latest: this.latest, problem: "" });
    } catch (error) {
      if (this.asking.signal.aborted) return;
      this.draw({ problem: error.name === "TypeError" ? "connection lost, trying again" : error.message });
      pause = BROKEN;
    }
    if (document.hidden) pause = HIDDEN;
    this.timer = setTimeout(() => this.ask(), Math.max(0, pause - (performance.now() - began)));
  }

  query() {
    const query = new URLSearchParams({ period: view.period, after: this.version });
    for (const sensor of view.sensors) query.append("sensor", sensor);
    if (view.model) query.set("model", view.model);
    return query;
  }

  /** Buckets come as wholes, so to merge one twice does no harm. */
  merge(data) {
    if (data.whole) {
      this.buckets.clear();
      this.latest.clear();
    }
    this.version = data.version;
    // As maps: a sensor may be called `constructor`, and an object has one of its own.
    data.sensors = new Map(Object.entries(data.sensors));
    for (const bucket of data.buckets) this.buckets.set(bucket.at, { ...bucket, sensors: new Map(Object.entries(bucket.sensors)) });
    const oldest = data.now / 1000 - data.period - data.width;
    for (const at of this.buckets.keys()) if (at < oldest) this.buckets.delete(at);
    for (const failure of data.failures.toReversed()) this.latest.set(`${failure.sensor}\n${failure.key}`, failure);
    const surplus = this.latest.size - 50;
    for (const key of [...this.latest.keys()].slice(0, Math.max(0, surplus))) this.latest.delete(key);
  }
}
