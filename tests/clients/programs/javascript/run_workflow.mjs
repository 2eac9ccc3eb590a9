// A workflow to its end: without disableHostPrefix the SDK would ask the server sync-127.0.0.1.
import { SFNClient, StartSyncExecutionCommand } from "@aws-sdk/client-sfn";

const [stateMachineArn, input] = process.argv.slice(2);
const workflows = new SFNClient({ disableHostPrefix: true });
const { status } = await workflows.send(new StartSyncExecutionCommand({ stateMachineArn, input }));
console.log(JSON.stringify({ status }));
