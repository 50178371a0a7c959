/** Opens the embedded database in argv[2], and writes one row after the other, telling each once it is safe. */
import { openPersistence } from "#checkpoints/index.ts";

const { pool } = await openPersistence({
  databaseUrl: "",
  dataDir: process.argv[2] ?? "",
  onProgress: (line) => process.stdout.write(`${line}\n`),
});
await pool.query("CREATE TABLE IF NOT EXISTS written (n int PRIMARY KEY)");
for (let n = 0; ; n++) {
  await pool.query("INSERT INTO written VALUES ($1)", [n]);
  process.stdout.write(`wrote ${n}.\n`);
  await new Promise((resolve) => setImmediate(resolve)); // Lets the line out before the kill.
}
