import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, it } from "vitest";
import { answerByRules } from "#graphs/order-desk/model/rules/index.ts";
import { type Ending, readShopFiles, runDesk } from "./desk-simulation.ts";

const dir = process.env.TAU_BENCH_DIR ?? resolve("..", "shared", "tau-bench-retail");
const present = existsSync(join(dir, "tasks.json"));

interface Task {
  id: string;
  instruction: string;
  actions: { name: string; arguments: Record<string, unknown> }[];
  expected: Ending["changed"];
  errors: unknown[];
}

describe.skipIf(!present)(
  `500 tickets of tau-bench retail${present ? "" : ` (skipped: not found at ${dir})`}`,
  () => {
    it("end in the expected records by rules, and none in wrong ones", async () => {
      const ends = await runAll((messages) => answerByRules(messages));
      expect(ends.filter(({ end }) => end === "wrong")).toEqual([]);
      expect(ends.filter(({ end }) => end === "exact").length).toBeGreaterThanOrEqual(490);
    });

    it("end in the expected records by script: the inspector's rules let every right plan pass", async () => {
      const script = tasks();
      const ends = await runAll((messages) => answerByRules(messages, script));
      expect(ends.filter(({ end }) => end !== "exact")).toEqual([]);
    });
  },
);

function tasks(): Task[] {
  return JSON.parse(readFileSync(join(dir, "tasks.json"), "utf8"));
}

async function runAll(answer: Parameters<typeof runDesk>[2]) {
  const shop = readShopFiles(dir);
  const ends = [];
  for (const { id, instruction, expected } of tasks()) {
    const ending = await runDesk(shop, instruction, answer);
    const exact = isDeepStrictEqual(ending.changed, expected);
    const nothing = Object.keys(ending.changed).length === 0;
    ends.push({ id, end: exact ? "exact" : nothing ? "unchanged" : "wrong", question: ending.question });
  }
  return ends;
}
