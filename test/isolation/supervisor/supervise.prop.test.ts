/** Running graphs against the model of OTP: any children that end as a script has it, side by side. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Fault } from "#src/faults/index.ts";
import type { Child } from "#src/isolation/index.ts";
import { type Rules, restartTypes, strategies } from "#src/isolation/supervisor/rules.ts";
import { graphOf, run, type State } from "./desk.ts";
import { OtpSupervisor } from "./otp.ts";

const children = fc.array(
  fc.record({
    restart: fc.constantFrom(...restartTypes),
    /** How its first runs end. Later ones end normally. */
    script: fc.array(fc.constantFrom("normal", "failed", "slow"), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 3 },
);
const supervisors = fc.record({
  strategy: fc.constantFrom(...strategies),
  intensity: fc.integer({ min: 0, max: 3 }),
  children,
});

function played(script: readonly string[]): Child<State>["run"] {
  let runs = 0;
  return async () => {
    const how = script[runs++];
    if (how === "slow") await new Promise((resolve) => setTimeout(resolve, 15));
    if (how === "failed") throw new Fault("compensable", "oops", "oops");
    return {};
  };
}

const isExit = (word: string) => /^[a-c][.!]$/.test(word);

/** The exits that the graph told of, by superstep: between two of them somebody is started. */
function exitsOf(told: readonly string[]): string[][] {
  const supersteps: string[][] = [];
  for (const [index, word] of told.entries()) {
    if (!isExit(word)) continue;
    if (isExit(told[index - 1] ?? "")) supersteps.at(-1)?.push(word);
    else supersteps.push([word]);
  }
  return supersteps;
}

/** What the model makes of these exits, in the graph's words. */
function expected(rules: Rules, told: readonly string[]): string[] {
  const otp = new OtpSupervisor(rules);
  const words = otp.alive.map((name) => `+${name}`);
  for (const exits of exitsOf(told)) {
    const pids = new Map(otp.alive.map((name) => [name, otp.pid(name)]));
    otp.terminated = [];
    for (const exit of exits)
      otp.exit(pids.get(exit.charAt(0)) ?? -1, exit.endsWith("!") ? "failed" : "normal", 0);
    const stopped = otp.terminated.flatMap((pid) => [...pids].filter(([, old]) => old === pid));
    const start = otp.alive.filter((name) => otp.pid(name) !== pids.get(name));
    words.push(...exits, ...stopped.map(([name]) => `-${name}`), ...start.map((name) => `+${name}`));
    if (otp.over === "restarts_spent") words.push("supervisor_gave_up");
  }
  return words;
}

test("children are stopped and started as OTP would, in its order, and no more often", async () => {
  await fc.assert(
    fc.asyncProperty(supervisors, async ({ strategy, intensity, children }) => {
      const rules: Rules = {
        strategy,
        intensity,
        periodMs: 1e9,
        autoShutdown: "never",
        children: children.map(({ restart }, index) => ({
          name: "abc".charAt(index),
          restart,
          significant: false,
          always: true,
        })),
      };
      let now = 0;
      const graph = graphOf(
        children.map(({ restart, script }, index) => ({
          name: "abc".charAt(index),
          restart,
          run: played(script),
        })),
        { strategy, intensity, periodMs: 1e9, now: () => now++ },
      );
      const { told } = await run(graph, {}, { recursionLimit: 100 });
      const known = told.filter((word) => !/^~|^attempt_failed$|^bubbled_up$/.test(word));
      expect(known).toEqual(expected(rules, known));
    }),
    { numRuns: 40 },
  );
}, 60_000);
