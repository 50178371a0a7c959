/** Prunes all threads of the schema in argv[2] down to their last checkpoint, or deletes them when argv[3] is "all". */
import { openPersistence, prune } from "#checkpoints/index.ts";

const [, , schema = "", which] = process.argv;
const persistence = await openPersistence({ schema });
await prune(persistence, which === "all" ? { before: new Date("2100-01-01") } : { keepLast: 1 });
process.stdout.write("pruned\n");
await persistence.close();
