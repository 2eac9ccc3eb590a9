// A stream by the AWS SDK for JavaScript as it is: it speaks HTTP/2 to Kinesis. Prints what came back, as JSON.
import {
  CreateStreamCommand, DeleteStreamCommand, GetRecordsCommand, GetShardIteratorCommand, KinesisClient,
  PutRecordsCommand, waitUntilStreamExists,
} from "@aws-sdk/client-kinesis";

const [StreamName] = process.argv.slice(2);
const kinesis = new KinesisClient({});
await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
await waitUntilStreamExists({ client: kinesis, maxWaitTime: 30, minDelay: 1 }, { StreamName });
const Records = Array.from({ length: 400 }, (_, number) => ({
  PartitionKey: String(number), Data: new Uint8Array(10_000).fill(number % 256),
}));
const put = await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand({
  StreamName, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON",
}));
const got = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
const whole = got.Records.every(({ Data }, number) => Data.length === 10_000 && Data[9_999] === number % 256);
await kinesis.send(new DeleteStreamCommand({ StreamName }));
kinesis.destroy();
console.log(JSON.stringify({ failed: put.FailedRecordCount, records: got.Records.length, whole }));
