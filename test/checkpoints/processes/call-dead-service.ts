/**
 * A worker that calls a service which is down, until its breaker refuses: for breakers that processes share.
 *
 * Arguments: the schema, the service's URL. Prints "ready", begins when the schema has a table "go", and ends when it
 * is refused.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { openPersistence } from "#checkpoints/index.ts";
import { classify } from "#src/faults/index.ts";
import { breaker } from "#src/isolation/index.ts";

const [schema = "", url = ""] = process.argv.slice(2);
const { pool, breakers, close } = await openPersistence({ schema });
const service = breaker("the service", { after: 5, openMs: 60_000, states: breakers });
process.stdout.write("ready\n");
for (;;) {
  const { rows } = await pool.query("SELECT to_regclass($1) AS go", [`"${schema}".go`]);
  if (rows[0].go !== null) break;
  await sleep(10);
}
let refused = false;
while (!refused) {
  await service
    .run({}, async () => {
      const response = await fetch(url);
      if (!response.ok) throw Object.assign(new Error("down"), { status: response.status });
    })
    .catch((error: unknown) => {
      refused = classify(error).code === "circuit_open";
    });
}
await close();
