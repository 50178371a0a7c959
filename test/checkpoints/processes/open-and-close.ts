/** Opens persistence on DATABASE_URL in the schema argv[2], writes one row that says so, closes. */
import { openPersistence } from "#checkpoints/index.ts";

const { pool, schema, close } = await openPersistence({ schema: process.argv[2] ?? "" });
await pool.query(`INSERT INTO "${schema}".effects (key, thread, name, args) VALUES ($1, '', '', '{}')`, [
  process.pid,
]);
await close();
process.stdout.write("done\n");
