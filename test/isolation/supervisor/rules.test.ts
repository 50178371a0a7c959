/**
 * OTP's rules by name, on the pure functions. Source: Erlang/OTP, "Supervisor Behaviour" (design principles) and
 * stdlib's `supervisor`. What needs a running graph stands in the tests beside this one.
 */
import { describe, expect, test } from "vitest";
import {
  type Change,
  type ChildRules,
  type Exit,
  exited,
  newLife,
  type Rules,
  started,
} from "#src/isolation/supervisor/rules.ts";

type Spec = Partial<Omit<Rules, "children">> & { children: (Partial<ChildRules> & { name: string })[] };

const rulesOf = ({ children, ...rest }: Spec): Rules => ({
  strategy: "one_for_one",
  intensity: 1,
  periodMs: 5_000,
  autoShutdown: "never",
  ...rest,
  children: children.map((child) => ({ restart: "permanent", significant: false, always: true, ...child })),
});

/** A supervisor that has started its children, and takes one batch of exits after the other. */
function supervisor(spec: Spec, wanted: (child: string) => boolean = () => true) {
  const rules = rulesOf(spec);
  const nothing = { life: newLife(rules), stopped: [], reset: [], restarts: [] };
  let last: Change & { start: readonly string[] } = started(rules, nothing, 0, wanted);
  return {
    get start() {
      return last.start;
    },
    get stopped() {
      return last.stopped.map(({ child }) => child);
    },
    get restarted() {
      return last.restarts.map(({ restarted }) => restarted);
    },
    get reset() {
      return last.reset;
    },
    get over() {
      return last.life.over ?? false;
    },
    get life() {
      return last.life;
    },
    get running() {
      return Object.keys(last.life.children).filter((name) => last.life.children[name] === "running");
    },
    ends(...exits: Exit[]) {
      const at = Math.max(0, ...exits.map((exit) => exit.at));
      last = started(rules, exited(rules, last.life, exits), at, wanted);
      return this;
    },
  };
}

const failure = { category: "compensable", code: "oops", message: "oops" } as const;
const fails = (child: string, at = 0): Exit => ({ child, at, how: "failed", failure });
const ends = (child: string, at = 0): Exit => ({ child, at, how: "normal" });

const abc = (restart: ChildRules["restart"] = "permanent") =>
  ["a", "b", "c"].map((name) => ({ name, restart }));

describe("start and stop", () => {
  test("children are started from left to right", () => {
    expect(supervisor({ children: abc() }).start).toEqual(["a", "b", "c"]);
  });

  test("they are stopped in the reverse order", () => {
    const spec = { strategy: "one_for_all", children: abc() } as const;
    expect(supervisor(spec).ends(fails("b")).stopped).toEqual(["c", "a"]);
  });

  test("those that a spent intensity stops, too", () => {
    const end = supervisor({ intensity: 0, children: abc() }).ends(fails("b"));
    expect(end.stopped).toEqual(["c", "a"]);
    expect(end.start).toEqual([]);
  });

  test("what was stopped is as if it had never run; who is untouched keeps what it has", () => {
    const spec = { strategy: "rest_for_one", children: abc() } as const;
    expect(supervisor(spec).ends(fails("b")).reset).toEqual(["c", "b"]);
  });
});

describe("strategies", () => {
  test.each([
    ["one_for_one: only the child that failed", "one_for_one", ["b"], []],
    ["one_for_all: all of them", "one_for_all", ["a", "b", "c"], ["c", "a"]],
    ["rest_for_one: it and those started after it", "rest_for_one", ["b", "c"], ["c"]],
  ] as const)("%s is started anew, in start order", (_, strategy, start, stopped) => {
    const end = supervisor({ strategy, children: abc() }).ends(fails("b"));
    expect(end).toMatchObject({ start, stopped, restarted: [start] });
  });

  test("siblings that had ended normally are started again as well", () => {
    const spec = { strategy: "one_for_all", children: abc("transient") } as const;
    const end = supervisor(spec).ends(ends("a")).ends(fails("b"));
    expect(end).toMatchObject({ start: ["a", "b", "c"], stopped: ["c"] });
  });

  test("a sibling's exit after it was stopped is that of a process that is gone", () => {
    const spec = { strategy: "one_for_all", intensity: 1, children: abc() } as const;
    const end = supervisor(spec).ends(fails("a", 1), fails("b", 2), ends("c", 3));
    expect(end).toMatchObject({ running: ["a", "b", "c"], over: false });
    expect(end.life.restarts).toHaveLength(1);
  });

  test("two failures at once are two restarts under one_for_one", () => {
    const end = supervisor({ intensity: 2, children: abc() }).ends(fails("a"), fails("b"));
    expect(end.start).toEqual(["a", "b"]);
    expect(end.life.restarts).toHaveLength(2);
  });
});

describe("restart types", () => {
  const cases = [
    ["permanent", "fails", true],
    ["permanent", "ends normally", true],
    ["transient", "fails", true],
    ["transient", "ends normally", false],
    ["temporary", "fails", false],
    ["temporary", "ends normally", false],
  ] as const;
  test.each(cases)("a %s child that %s is started again and counted: %s", (restart, how, again) => {
    const exit = how === "fails" ? fails("a") : ends("a");
    const end = supervisor({ children: [{ name: "a", restart }, { name: "b" }] }).ends(exit);
    expect(end.start).toEqual(again ? ["a"] : []);
    expect(end.life.restarts).toHaveLength(again ? 1 : 0);
    expect(end.running).toContain("b");
  });

  test.each(["one_for_all", "rest_for_one"] as const)(
    "a temporary child is not restarted, not even with its siblings: %s stops it for good",
    (strategy) => {
      const children = [{ name: "a" }, { name: "b", restart: "temporary" as const }, { name: "c" }];
      const end = supervisor({ strategy, children }).ends(fails("a"));
      expect(end.stopped).toEqual(["c", "b"]);
      expect(end.start).toEqual(["a", "c"]);
      expect(end.life.children.b).toBe("gone");
    },
  );

  test("a temporary child's failure takes no sibling along", () => {
    const children = [{ name: "a", restart: "temporary" as const }, { name: "b" }];
    expect(supervisor({ strategy: "one_for_all", children }).ends(fails("a"))).toMatchObject({
      stopped: [],
      running: ["b"],
    });
  });

  test("the normal end of a permanent child takes its siblings along", () => {
    expect(supervisor({ strategy: "one_for_all", children: abc() }).ends(ends("b")).stopped).toEqual([
      "c",
      "a",
    ]);
  });
});

describe("intensity and period", () => {
  test("exactly `intensity` restarts within the period are fine", () => {
    const end = supervisor({ intensity: 3, children: abc() });
    for (const at of [0, 1, 2]) end.ends(fails("a", at));
    expect(end).toMatchObject({ over: false, running: ["a", "b", "c"] });
  });

  test("one more ends the supervisor, whichever child it is", () => {
    const end = supervisor({ intensity: 3, children: abc() });
    for (const at of [0, 1, 2]) end.ends(fails("a", at));
    expect(end.ends(fails("c", 3))).toMatchObject({
      over: "restarts_spent",
      running: [],
      start: [],
    });
  });

  test("a restart exactly a period ago still counts, one a moment longer ago does not", () => {
    const spec = { intensity: 1, periodMs: 5_000, children: abc() };
    expect(supervisor(spec).ends(fails("a", 0)).ends(fails("a", 5_000)).over).toBe("restarts_spent");
    expect(supervisor(spec).ends(fails("a", 0)).ends(fails("a", 5_001)).over).toBe(false);
  });

  test("one_for_all counts one restart, not one a child", () => {
    const end = supervisor({ strategy: "one_for_all", intensity: 1, children: abc() }).ends(fails("a"));
    expect(end.over).toBe(false);
    expect(end.life.restarts).toMatchObject([{ child: "a", restarted: ["a", "b", "c"] }]);
  });

  test("intensity 0 allows no restart", () => {
    expect(supervisor({ intensity: 0, children: abc() }).ends(fails("a")).over).toBe("restarts_spent");
  });

  test("the history stays small, however long it goes on", () => {
    const end = supervisor({ intensity: 2, periodMs: 10, children: abc() });
    for (let at = 0; at < 1_000; at += 6) end.ends(fails("a", at));
    expect(end.over).toBe(false);
    expect(end.life.restarts.length).toBeLessThanOrEqual(2);
  });

  test("a clock that was set back gives nobody more restarts", () => {
    expect(supervisor({ children: abc() }).ends(fails("a", 9_000)).ends(fails("a", 0)).over).toBe(
      "restarts_spent",
    );
  });
});

describe("auto_shutdown", () => {
  const significant = (restart: ChildRules["restart"] = "transient") => [
    { name: "a", restart, significant: true },
    { name: "b", restart, significant: true },
    { name: "c" },
  ];

  test("any_significant: the first significant child that ends by itself ends all, in reverse order", () => {
    const end = supervisor({ autoShutdown: "any_significant", children: significant() }).ends(ends("a"));
    expect(end).toMatchObject({ stopped: ["c", "b"], start: [], over: "shut_down", life: { restarts: [] } });
  });

  test("all_significant: the last one does", () => {
    const end = supervisor({ autoShutdown: "all_significant", children: significant() }).ends(ends("a"));
    expect(end.over).toBe(false);
    expect(end.ends(ends("b"))).toMatchObject({ stopped: ["c"], over: "shut_down" });
  });

  test("all_significant: one that is being restarted has not ended", () => {
    const end = supervisor({ autoShutdown: "all_significant", children: significant() });
    expect(end.ends(fails("a"), ends("b"))).toMatchObject({ over: false, running: ["a", "c"] });
  });

  test("never: it does not", () => {
    const children = significant().map((child) => ({ ...child, significant: false }));
    expect(supervisor({ children }).ends(ends("a"), ends("b")).running).toEqual(["c"]);
  });

  test("a transient child's failure is no end: it is restarted", () => {
    const end = supervisor({ autoShutdown: "any_significant", children: significant() }).ends(fails("a"));
    expect(end).toMatchObject({ start: ["a"], over: false });
  });

  test("a temporary child's failure is one", () => {
    const spec = { autoShutdown: "any_significant", children: significant("temporary") } as const;
    expect(supervisor(spec).ends(fails("a")).over).toBe("shut_down");
  });

  test("a significant child that its sibling took along does not trigger it", () => {
    const children = [{ name: "a" }, { name: "b", restart: "temporary" as const, significant: true }];
    const end = supervisor({ strategy: "one_for_all", autoShutdown: "any_significant", children });
    expect(end.ends(fails("a", 1), ends("b", 2))).toMatchObject({
      stopped: ["b"],
      start: ["a"],
      over: false,
    });
  });

  test("one that ended before its sibling failed does, and the failure is not counted any more", () => {
    const children = [{ name: "a" }, { name: "b", restart: "temporary" as const, significant: true }];
    const end = supervisor({ strategy: "one_for_all", autoShutdown: "any_significant", children });
    expect(end.ends(ends("b", 1), fails("a", 2)).life).toMatchObject({ over: "shut_down", restarts: [] });
  });
});

describe("what OTP does not have", () => {
  test("a child whose run was cancelled starts again, and nothing is counted", () => {
    const end = supervisor({ intensity: 0, children: abc() }).ends({ child: "a", at: 0, how: "cancelled" });
    expect(end).toMatchObject({ start: ["a"], reset: ["a"], over: false, life: { restarts: [] } });
  });

  test("one that was cut off because of a sibling is not started again on its own account", () => {
    const children = [{ name: "a", restart: "temporary" as const }, { name: "b" }];
    const end = supervisor({ strategy: "one_for_all", children });
    // The failure is told of by the next process, later than the first one had told of its victim.
    expect(end.ends({ child: "a", at: 1, how: "cancelled" }, fails("b", 2))).toMatchObject({
      stopped: ["a"],
      start: ["b"],
    });
  });

  test("a child that is not wanted waits, and starts as soon as it is", () => {
    const wanted = new Set(["a"]);
    const end = supervisor({ children: abc("transient") }, (child) => wanted.has(child));
    expect(end.start).toEqual(["a"]);
    wanted.add("c");
    expect(end.ends(ends("a")).start).toEqual(["c"]);
  });

  test("siblings that were never started are not restarted", () => {
    const wanted = new Set(["b"]);
    const spec = { strategy: "one_for_all", children: abc("transient") } as const;
    const end = supervisor(spec, (child) => wanted.has(child)).ends(fails("b"));
    expect(end).toMatchObject({ start: ["b"], reset: ["b"] });
  });

  test("a permanent child that has nothing to do any more is at rest: no restart is counted", () => {
    let more = true;
    const children = [{ name: "a", always: false }, { name: "b" }];
    const end = supervisor({ intensity: 1, children }, (child) => child !== "a" || more);
    expect(end.ends(ends("a")).life.restarts).toHaveLength(1);
    more = false;
    expect(end.ends(ends("a"))).toMatchObject({ running: ["b"], over: false });
    more = true;
    expect(end.ends(ends("b")).over).toBe("restarts_spent");
  });
});
