/** The rules against a model of OTP: any children, any exits, alone or several in one superstep. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  autoShutdowns,
  type Change,
  type ChildRules,
  type Exit,
  exited,
  newLife,
  type Rules,
  restartTypes,
  started,
  strategies,
} from "#src/isolation/supervisor/rules.ts";
import { OtpSupervisor } from "./otp.ts";

const child = (autoShutdown: Rules["autoShutdown"]) =>
  fc.record({ restart: fc.constantFrom(...restartTypes), significant: fc.boolean() }).map(
    ({ restart, significant }): Omit<ChildRules, "name"> => ({
      restart,
      significant: significant && restart !== "permanent" && autoShutdown !== "never",
      always: true,
    }),
  );

const rules: fc.Arbitrary<Rules> = fc.constantFrom(...autoShutdowns).chain((autoShutdown) =>
  fc
    .record({
      strategy: fc.constantFrom(...strategies),
      intensity: fc.integer({ min: 0, max: 4 }),
      periodMs: fc.integer({ min: 1, max: 20 }),
      children: fc.array(child(autoShutdown), { minLength: 1, maxLength: 5 }),
    })
    .map(({ children, ...rest }) => ({
      ...rest,
      autoShutdown,
      children: children.map((one, index) => ({ ...one, name: "abcde".charAt(index) })),
    })),
);

/** Which of the running children end in a superstep, how, and how long after the last exit. */
const batches = fc.array(
  fc.array(
    fc.record({
      who: fc.nat(),
      how: fc.constantFrom("normal" as const, "failed" as const),
      // Exits at one moment have an order of their own, which the model does not know.
      after: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  { maxLength: 15 },
);

const failure = { category: "transient", code: "down", message: "down" } as const;

test("after any exits the same children run, as many restarts count, and the same were stopped in the same order", () => {
  fc.assert(
    fc.property(rules, batches, (rules, batches) => {
      const otp = new OtpSupervisor(rules);
      const always = () => true;
      const nothing: Change = { life: newLife(rules), stopped: [], reset: [], restarts: [] };
      let { life } = started(rules, nothing, 0, always);
      let at = 0;
      for (const batch of batches) {
        const running = otp.alive;
        if (running.length === 0 || otp.over !== false) break;
        const pids = new Map(running.map((name) => [name, otp.pid(name) as number]));
        otp.terminated = [];
        const exits: Exit[] = [];
        for (const { who, how, after } of batch) {
          const name = running[who % running.length] as string;
          if (exits.some((exit) => exit.child === name)) continue;
          at += after;
          exits.push(how === "normal" ? { child: name, at, how } : { child: name, at, how, failure });
          otp.exit(pids.get(name) as number, how, at);
          if (otp.over !== false) break;
        }
        const change = started(rules, exited(rules, life, exits), at, always);
        life = change.life;
        expect(Object.keys(life.children).filter((name) => life.children[name] === "running")).toEqual(
          otp.alive,
        );
        expect(life.over ?? false).toBe(otp.over);
        expect(life.restarts.length).toBe(otp.restarts.length);
        // OTP starts at once what this superstep restarts, and may stop it again. Here it has not run meanwhile.
        const stopped = otp.terminated.filter((pid) => [...pids.values()].includes(pid));
        expect(change.stopped.map(({ child }) => pids.get(child))).toEqual(stopped);
      }
    }),
    { numRuns: 2_000 },
  );
});
