/** The program is killed with -9 again and again: no move is lost or made twice, and none is wrong. */
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { openPersistence } from "#checkpoints/index.ts";
import { defaults } from "#graphs/hanoi/context.ts";
import { hanoi } from "#graphs/hanoi/graph.ts";
import { isFaultless } from "#graphs/hanoi/judge.ts";
import { simulatedMover } from "#graphs/hanoi/mover/simulated-mover.ts";
import type { HanoiState } from "#graphs/hanoi/state.ts";
import { drawFrom } from "../chaos/draw.ts";
import { startChild } from "../support/child-process.ts";
import { describePostgres, freshSchema, runSql } from "../support/database.ts";

const disks = 10;
const leastKills = 5;
const seed = 6;

describePostgres("a tower whose process is killed", (url) => {
  test(`ends as one that never was (seed ${seed})`, async () => {
    const schema = freshSchema();
    const draw = drawFrom(seed);
    const settings = ["--disks", `${disks}`, "--p", "0.02", "--malformed", "0.1", "--every", "1"];
    const begin = () =>
      startChild("graphs/hanoi/cli/main.ts", [...settings, "--schema", schema], { DATABASE_URL: url });

    for (let kill = 1; kill <= leastKills + 1; kill++) {
      const child = begin();
      // The second one dies while it still opens the database.
      if (kill !== 2) await child.printed("Thread hanoi-10");
      await pause(draw.between(0, 350, "kill", kill));
      await child.kill();
      expect(await child.ended).toBeNull();
    }
    const last = begin();
    expect(await last.ended, last.output()).toBe(0);
    expect(last.output()).toMatch(/goes on from move \d+/);
    expect(last.output()).toContain("no move was wrong, lost or made twice");

    const persistence = await openPersistence({ databaseUrl: url, schema, encryptionKey: "" });
    const stored = await hanoi(simulatedMover)
      .compile({ checkpointer: persistence.saver })
      .getState({ configurable: { thread_id: `hanoi-${disks}` } });
    await persistence.close();
    await runSql(url, `DROP SCHEMA "${schema}" CASCADE`);
    const { tower, votes } = stored.values as HanoiState;
    if (tower === undefined) throw new Error("nothing is stored");
    expect(isFaultless(disks, tower)).toBe(true);
    const undisturbed = await hanoi(simulatedMover)
      .compile()
      .invoke({ disks }, { context: { ...defaults, p: 0.02, malformed: 0.1 }, recursionLimit: 2 ** disks });
    expect({ tower, votes }).toEqual({ tower: undisturbed.tower, votes: undisturbed.votes });
  }, 60_000);
});
