/** A crash point that dies elsewhere than it says tests a window that nobody opened. */
import { expect, test } from "vitest";
import { crashPoints } from "#src/recovery/index.ts";
import { startChild } from "../support/child-process.ts";

const charged = ["claim", "charge", "record", "fail"];
const takenBack = [...charged, "undo node", "claim", "undo", "record"];
const whole = [...takenBack, "settle", "end"];

async function movesUntilDeath(
  point: string,
  nodeEnv = "test",
): Promise<{ moves: string[]; code: number | null }> {
  const child = startChild("test/recovery/processes/pay-and-take-back.ts", [], {
    FAULTLINE_CRASH_POINT: point,
    NODE_ENV: nodeEnv,
  });
  const code = await child.ended;
  return { moves: child.output().trim().split("\n"), code };
}

test.each([
  ["after-claim", ["claim"]],
  ["after-effect-before-record", ["claim", "charge"]],
  ["after-record-before-checkpoint", ["claim", "charge", "record"]],
  ["inside-error-handler", charged],
  ["inside-compensation", takenBack],
  ["after-claim@2", [...charged, "undo node", "claim"]],
])("%s kills there and nothing more happens", async (point, moves) => {
  expect(await movesUntilDeath(point)).toEqual({ moves, code: null });
});

test.each([
  ["a crash point that is not passed so often", "after-claim@3", "test"],
  ["a variable that production inherited", "after-claim", "production"],
])("%s kills nobody", async (_, point, nodeEnv) => {
  expect(await movesUntilDeath(point, nodeEnv)).toEqual({ moves: whole, code: 0 });
});

test.each(["after-clam", "after-claim@0"])(
  "a misspelt crash point, %s, ends the process with one line before any work",
  async (point) => {
    const { moves, code } = await movesUntilDeath(point);
    expect(code).toBe(1);
    expect(moves).toEqual([expect.stringContaining(`FAULTLINE_CRASH_POINT=${point} `)]);
    for (const known of crashPoints) expect(moves[0]).toContain(known);
  },
);
