/** What makes no supervisor is refused when the graph is built, in one line that says what, where and why. */
import { StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { z } from "zod";
import { type Child, type SupervisorOptions, supervise, supervisionChannels } from "#src/isolation/index.ts";
import { faultChannels } from "#src/routing/index.ts";
import { State } from "./desk.ts";

type Options = Partial<SupervisorOptions<typeof State>>;
const build = (options: Options, ...children: Partial<Child<State>>[]) =>
  supervise({
    name: "work",
    state: State,
    children: children.map((child) => ({ name: "a", run: () => ({}), ...child })),
    ...options,
  });

const subgraph = new StateGraph(State)
  .addNode("x", () => ({}))
  .addEdge("__start__", "x")
  .compile();

test.each<[string, Options, Partial<Child<State>>[], RegExp]>([
  ["no children", {}, [], /no children/],
  ["two of a name", {}, [{}, {}], /"a" is no name for a child/],
  ["the hub's name", {}, [{ name: "supervisor" }], /"supervisor" is no name/],
  ["a state key's name", {}, [{ name: "plan" }], /"plan" is no name/],
  [
    "a strategy that is none",
    { strategy: "one_for_two" as never },
    [{}],
    /strategy must be one of one_for_one/,
  ],
  [
    "a restart type that is none",
    {},
    [{ restart: "always" as never }],
    /restart of a must be one of permanent/,
  ],
  ["half a restart", { intensity: 0.5 }, [{}], /intensity must be a whole number from 0, got 0.5/],
  ["less than none", { intensity: -1 }, [{}], /intensity must be a whole number from 0/],
  ["no period", { periodMs: 0 }, [{}], /periodMs must be a number above 0, got 0/],
  ["a period that is no number", { periodMs: Number.NaN }, [{}], /periodMs/],
  [
    "an autoShutdown that is none",
    { autoShutdown: "all" as never },
    [{}],
    /autoShutdown must be one of never/,
  ],
  [
    "OTP: significant and permanent",
    { autoShutdown: "any_significant" },
    [{ significant: true }],
    /a is permanent, so it cannot be significant/,
  ],
  [
    "OTP: significant, and autoShutdown never",
    {},
    [{ significant: true, restart: "transient" }],
    /a is significant, which means nothing/,
  ],
  ["a retry that would run a subgraph from its start", {}, [{ run: subgraph, retry: {} }], /a is a subgraph/],
  ["an owned key that is none", {}, [{ owns: ["nothing" as never] }], /owns "nothing"/],
  ["a bound that would begin anew with each restart", {}, [{ owns: ["rounds"] }], /a cannot own "rounds"/],
  ["two owners", {}, [{ owns: ["plan"] }, { name: "b", owns: ["plan"] }], /"plan" is owned by a and b/],
])("%s", (_, options, children, message) => {
  expect(() => build(options, ...children)).toThrow(message);
  expect(() => build(options, ...children)).toThrow(/^supervise\(work\): [^\n]*$/);
});

test("a state without the channels, or without a default for what is owned", () => {
  const child = { name: "a", run: () => ({}) };
  const bare = z.object({ plan: z.string() });
  expect(() => supervise({ name: "work", state: bare, children: [child] })).toThrow(
    /its state has no "supervision": spread supervisionChannels and faultChannels/,
  );
  const state = bare.extend({ ...supervisionChannels, ...faultChannels });
  expect(() => supervise({ name: "work", state, children: [{ ...child, owns: ["plan"] }] })).toThrow(
    /a owns "plan", for which the state has no default/,
  );
});

test.each(["childExits", "supervisor", "escalate"])("a state key %s, which the supervisor needs", (key) => {
  const state = State.extend({ [key]: z.string().default("") }) as unknown as typeof State;
  const message = `supervise(work): its state has a key "${key}", a name that the supervisor has for itself: give it another`;
  expect(() => build({ state }, {})).toThrow(new RangeError(message));
});

test("a retry that is none is refused as errorRoutes refuses it", () => {
  expect(() => build({}, { retry: { attempts: 0 } })).toThrow(/attempts/);
});
