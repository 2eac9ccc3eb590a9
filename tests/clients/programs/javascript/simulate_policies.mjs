// Prints what iam-simulate decides about each request of a file: {documents: {name: policy}, requests: […]}.
import { readFile } from "node:fs/promises";
import { isWildcardOnlyAction, runSimulation } from "@cloud-copilot/iam-simulate";

const { documents, requests } = JSON.parse(await readFile(process.argv[2], "utf8"));

// The message, and what is wrong with which policy.
function reasons({ message, identityPolicyErrors, resourcePolicyErrors }) {
  const wrong = [...Object.values(identityPolicyErrors ?? {}).flat(), ...(resourcePolicyErrors ?? [])];
  return [`error: ${message}`, ...wrong.map((each) => JSON.stringify(each))].join(" ");
}

async function decide({ principal, action, resource: named, account, context, identity, guard }) {
  const [service, name] = action.split(":");
  const resource = (await isWildcardOnlyAction(service, name).catch(() => false)) ? "*" : named;
  const result = await runSimulation({
    request: { principal, action, contextVariables: context, resource: { resource, accountId: account } },
    identityPolicies: identity.map((each) => ({ name: each, policy: documents[each] })),
    ...(guard ? { resourcePolicy: documents[guard] } : {}),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }, {});
  return { resource, decision: result.resultType === "error" ? reasons(result.errors) : result.overallResult };
}

console.log(JSON.stringify(await Promise.all(requests.map(decide))));
