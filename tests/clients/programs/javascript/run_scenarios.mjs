// Runs scenarios of the state machines by aws-local-stepfunctions: reads them from a file, prints what comes of each.
// Where the interpreter waits, a clock of its own moves on.
import { readFileSync } from "node:fs";
import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";

Promise.withResolvers ??= () => {  // of Node.js 22, which the package asks for
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
const { StateMachine } = await import("aws-local-stepfunctions");

const STATE_BYTES = 262_144;
const { definitions, execution, scenarios } = JSON.parse(readFileSync(process.argv[2], "utf8"));

class TaskError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

// The names of the states, with their definitions, those of a Map's iterations included.
function* states(machine) {
  for (const [name, state] of Object.entries(machine.States)) {
    yield [name, state];
    if (state.ItemProcessor) yield* states(state.ItemProcessor);
  }
}

function services({ answers: left }, clock) {
  const calls = [], moments = [];
  const call = (action) => async (request) => {
    if (Buffer.byteLength(JSON.stringify(request)) > STATE_BYTES) {  // which this interpreter does not look at
      throw new TaskError("States.DataLimitExceeded", "too large");
    }
    calls.push([action, request]);
    moments.push(clock.now);
    const answers = left[action];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer.seconds) await new Promise((resolve) => setTimeout(resolve, answer.seconds * 1_000));
    if (answer.error) throw new TaskError(answer.error, answer.cause);
    return action === "invoke" ? { StatusCode: 200, Payload: answer.result } : answer.result;
  };
  return { calls, moments, call };
}

function nameOf(error) {
  return error.name === "ExecutionTimeoutError" ? "States.Timeout" : error.cause?.name ?? error.name;
}

// Settles a promise by moving the clock on, second by second, while nothing else is to be done.
async function settled(promise, clock) {
  let pending = true;
  const ended = promise.then((output) => ({ output }), (error) => ({ error: nameOf(error) }))
    .finally(() => { pending = false; });
  for (await setImmediate(); pending; await setImmediate()) {
    clock.now += 1;
    mock.timers.tick(1_000);
  }
  return ended;
}

async function entered(logs, machine) {
  const names = [];
  for await (const { type, state } of logs) {
    if (type === "StateEntered" && state.name in machine.States) names.push(state.name);
  }
  return names;
}

async function run(scenario) {
  const clock = { now: 0 }, definition = definitions[scenario.machine];
  const { calls, moments, call } = services(scenario, clock), taskResourceLocalHandlers = {};
  for (const [name, state] of states(definition)) {
    if (state.Type === "Task") taskResourceLocalHandlers[name] = call(state.Resource.split(":").at(-1));
  }
  const context = { Execution: { ...execution, Input: scenario.request }, StateMachine: { Name: "m" } };
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: Date.parse(execution.StartTime) });
  const machine = new StateMachine(structuredClone(definition), { validationOptions: { noValidate: true } });
  const { result, eventLogs } = machine.run(scenario.request, { overrides: { taskResourceLocalHandlers }, context });
  const ended = await settled(result, clock);
  return { ...ended, states: await entered(eventLogs, definition), calls, moments: [...moments, clock.now] };
}

const outcomes = {};
for (const [name, scenario] of Object.entries(scenarios)) outcomes[name] = await run(scenario);
console.log(JSON.stringify(outcomes));
