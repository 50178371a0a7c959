/**
 * Fails a node on the database in the folder argv[2], and opens the window between the node's stored failure and
 * whatever its handler writes: from then on nothing is stored any more. It waits there to be killed.
 */
import { openPersistence } from "#checkpoints/index.ts";
import { onThread } from "../graphs.ts";
import { declinedGraph } from "./declined-graph.ts";

const { saver } = await openPersistence({ databaseUrl: "", dataDir: process.argv[2] ?? "" });
const forever = new Promise<never>(() => setInterval(() => {}, 60_000));
const putWrites = saver.putWrites.bind(saver);
let failed = false;
saver.putWrites = async (config, writes, taskId) => {
  if (failed) return forever;
  failed = writes.some(([channel]) => channel === "__error__");
  await putWrites(config, writes, taskId);
  if (failed) process.stdout.write("failure stored\n");
  return failed ? forever : undefined;
};
await declinedGraph(saver, () => {}).invoke({}, onThread());
