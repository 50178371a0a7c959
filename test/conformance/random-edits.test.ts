import { randomEditsSpec } from "../spec/checkpointer/random-edits.ts";
import { eachEngine } from "../support/database.ts";
import { mirrored } from "./savers.ts";

eachEngine("random edits", (open) => randomEditsSpec(async () => mirrored(await open()), { numRuns: 15 }));
