/** What is remembered beside a run, when one RunControl serves a run and its resume. */
import { RunControl } from "@langchain/langgraph";
import { expect, test } from "vitest";
import type { Exit, Rules } from "#src/isolation/supervisor/rules.ts";
import { begins, ends } from "#src/isolation/supervisor/siblings.ts";

const child = { restart: "transient", significant: false, always: true } as const;
const rules: Rules = {
  strategy: "one_for_all",
  intensity: 1,
  periodMs: 1,
  autoShutdown: "never",
  children: ["a", "b"].map((name) => ({ name, ...child })),
};
const supervision = { visit: "work:1", children: { a: "running", b: "running" }, restarts: [] } as const;
const failed: Exit = {
  child: "a",
  at: 1,
  how: "failed",
  failure: { category: "compensable", code: "oops", message: "oops" },
};
const inTurn = (turn: number) => ({
  ...supervision,
  children: { ...supervision.children },
  restarts: [],
  turn,
});

test("a sibling that begins after the failure is stopped, too", () => {
  const config = { control: new RunControl() };
  ends(config, rules, inTurn(1), failed);
  expect(begins(config, rules, inTurn(1), "b").aborted).toBe(true);
});

test("a failure that a resume does again is no reason any more: its child may come through", () => {
  const config = { control: new RunControl() };
  begins(config, rules, inTurn(1), "a");
  ends(config, rules, inTurn(1), failed);
  begins(config, rules, inTurn(1), "a");
  expect(begins(config, rules, inTurn(1), "b").aborted).toBe(false);
});

test("a failure of the turn before stops nobody in this one", () => {
  const config = { control: new RunControl() };
  ends(config, rules, inTurn(1), failed);
  expect(begins(config, rules, inTurn(2), "b").aborted).toBe(false);
});
