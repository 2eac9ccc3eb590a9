// Prints what iam-simulate decides about each request of a file: {documents: {name: policy}, requests: […]}.
import {readFile} from "node:fs/promises";
import {isWildcardOnlyAction, runSimulation} from "@cloud-copilot/iam-simulate";

const {documents, requests} = JSON.parse(await readFile(process.argv[2], "utf8"));

function reasons(errors) {
  return [errors.message, ...Object.values(errors.identityPolicyErrors ?? {}).flat().map(e => JSON.stringify(e)),
    ...(errors.resourcePolicyErrors ?? []).map(e => JSON.stringify(e))].join(" ");
}

async function decide({principal, action, resource, account, context, identity, guard}) {
  const [service, name] = action.split(":");
  const anything = resource !== "*" && !guard && await isWildcardOnlyAction(service, name).catch(() => false);
  const result = await runSimulation({
    request: {
      principal, action, contextVariables: context,
      resource: {resource: anything ? "*" : resource, accountId: account},
    },
    identityPolicies: identity.map(name => ({name, policy: documents[name]})),
    ...(guard ? {resourcePolicy: documents[guard]} : {}),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {});
  return result.resultType === "error" ? `error: ${reasons(result.errors)}` : result.overallResult;
}

console.log(JSON.stringify(await Promise.all(requests.map(decide))));
