/** Opens the schema in argv[2], waits until it has a table `go`, and runs the thread `t` if it can. It then stays. */
import { isLeaseHeldError, openPersistence } from "#checkpoints/index.ts";

const { pool, schema, leases } = await openPersistence({ schema: process.argv[2] ?? "" });
process.stdout.write("ready\n");
const gone = async () =>
  (await pool.query("SELECT to_regclass($1) AS go", [`${schema}.go`])).rows[0].go === null;
while (await gone());
await leases
  .hold("t", async () => {
    process.stdout.write("got it\n");
    await new Promise(() => setInterval(() => {}, 60_000));
  })
  .catch((error: unknown) => {
    process.stdout.write(isLeaseHeldError(error) ? `refused: ${error.message}\n` : `${error}\n`);
    setInterval(() => {}, 60_000);
  });
