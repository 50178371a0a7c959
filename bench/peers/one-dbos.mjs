/**
 * DBOS Transact: a thread is a workflow, a superstep is a durable step of it. Started like `persistence/one-speed.ts`,
 * by the same protocol; here, because here its SDK is installed. Plain JavaScript, so that the project's types do not
 * need the SDK.
 */
import { DBOS } from "@dbos-inc/dbos-sdk";
import { timed } from "../persistence/timed.ts";

const request = JSON.parse(process.argv[2] ?? "");

const count = DBOS.registerWorkflow(
  async (steps) => {
    let state = { count: 0, text: "" };
    while (state.count < steps) {
      const before = state;
      state = await DBOS.runStep(
        async () => ({ count: before.count + 1, text: `step ${before.count + 1}` }),
        { name: "step" },
      );
    }
    return state.count;
  },
  { name: "count" },
);

DBOS.setConfig({
  name: "bench",
  systemDatabaseUrl: request.databaseUrl,
  systemDatabaseSchemaName: request.schema,
  systemDatabasePoolSize: 10,
  logLevel: "error",
});
await DBOS.launch();
const microsPerStep = await timed(async (thread, steps) => {
  const handle = await DBOS.startWorkflow(count, { workflowID: thread })(steps);
  const counted = await handle.getResult();
  if (counted !== steps) throw new Error(`Workflow ${thread} counted to ${counted}, not to ${steps}`);
}, request);
await DBOS.shutdown();
process.stdout.write(`${JSON.stringify({ microsPerStep })}\n`);
