// Runs scenarios of the state machines by aws-local-stepfunctions: reads them from a file, prints what comes of each.
import { readFileSync } from "node:fs";

Promise.withResolvers ??= () => {  // of Node.js 22, which the package asks for
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
const { StateMachine } = await import("aws-local-stepfunctions");

const STATE_BYTES = 262_144;
const { definitions, scenarios } = JSON.parse(readFileSync(process.argv[2], "utf8"));

class TaskError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

// The names of the Task and Wait states, with their definitions, those of a Map's iterations included.
function* states(machine) {
  for (const [name, state] of Object.entries(machine.States)) {
    yield [name, state];
    if (state.ItemProcessor) yield* states(state.ItemProcessor);
  }
}

function services({ infer, store, send, start }) {
  const calls = [];
  const left = { invoke: [...infer], batchWriteItem: [...store], sendMessage: [...send], startExecution: [...start] };
  const call = (action) => async (request) => {
    if (Buffer.byteLength(JSON.stringify(request)) > STATE_BYTES) {  // which this interpreter does not look at
      throw new TaskError("States.DataLimitExceeded", "too large");
    }
    calls.push([action, request]);
    const answers = left[action];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer.error) throw new TaskError(answer.error, answer.cause);
    return action === "invoke" ? { StatusCode: 200, Payload: answer.result } : answer.result;
  };
  return { calls, call };
}

async function run(scenario) {
  const { calls, call } = services(scenario), definition = definitions[scenario.machine];
  const handlers = {}, waits = {}, retries = {};
  for (const [name, state] of states(definition)) {
    if (state.Type === "Task") handlers[name] = call(state.Resource.split(":").at(-1));
    if (state.Type === "Task") retries[name] = 0;
    if (state.Type === "Wait") waits[name] = 0;
  }
  const overrides = {
    taskResourceLocalHandlers: handlers,
    waitTimeOverrides: waits,
    retryIntervalOverrides: retries,
  };
  const context = { Execution: { Id: "e", Input: scenario.request }, StateMachine: { Name: "m" } };
  const machine = new StateMachine(structuredClone(definition), { validationOptions: { noValidate: true } });
  try {
    return { output: await machine.run(scenario.request, { overrides, context }).result, calls };
  } catch (error) {
    return { error: error.cause?.name ?? error.name, calls };
  }
}

const outcomes = {};
for (const [name, scenario] of Object.entries(scenarios)) outcomes[name] = await run(scenario);
console.log(JSON.stringify(outcomes));
