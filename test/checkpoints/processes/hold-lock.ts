/** Locks the folder in argv[2] and stays. */
import { lockFolder } from "#checkpoints/folder-lock.ts";

await lockFolder(process.argv[2] ?? "");
process.stdout.write("locked\n");
setInterval(() => {}, 60_000);
