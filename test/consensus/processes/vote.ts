/** Votes on the thread in schema argv[2], goes on where the last process died, and says what is recorded and each draw. */
import { writeSync } from "node:fs";
import { openPersistence } from "#checkpoints/index.ts";
import { aheadBy, vote } from "#src/consensus/index.ts";
import { effects } from "#src/recovery/index.ts";
import { run, voteGraph } from "../vote-graph.ts";

const says = (line: string) => void writeSync(1, `${line}\n`);

const persistence = await openPersistence({
  schema: process.argv[2] ?? "",
  encryptionKey: "",
  leaseMs: 1_000,
});
const graph = voteGraph(
  (runtime) =>
    vote<string>(runtime, {
      name: "v",
      rule: aheadBy(3),
      canonical: (answer) => answer,
      recorded: effects(persistence.ledger).recorded,
      draw: async (sample) => {
        says(`draw ${sample}`);
        return "ABAAA"[sample - 1] ?? "?";
      },
    }),
  { checkpointer: persistence.saver },
);
const known = await persistence.saver.getTuple({ configurable: { thread_id: "t" } });
for (const { name, status } of await persistence.ledger.entries("t"))
  if (status === "done") says(`has ${name.split(" ").at(-1)}`);
const { values } = await run(graph, known === undefined ? {} : null);
says(JSON.stringify(values.seen));
await persistence.close();
