/** Restarts that are spent: who hears of it, and how the thread goes on after the mend. */
import { describe, expect, test } from "vitest";
import { type Child, supervise } from "#src/isolation/index.ts";
import { failing, graphOf, oops, run, State } from "./desk.ts";

describe("escalation", () => {
  test("spent restarts reach the caller as the last fault's category, with it as cause", async () => {
    const graph = graphOf([{ name: "a", restart: "transient", run: failing(9) }], { intensity: 2 });
    const { error, told, state } = await run(graph);
    expect(error).toMatchObject({
      category: "compensable",
      code: "restarts_spent",
      cause: { code: "oops", message: "failure 3" },
      details: { supervisor: "work", child: "a", code: "oops", restarts: 3 },
    });
    expect(told.slice(-2)).toEqual(["supervisor_gave_up", "bubbled_up"]);
    expect(state.done).toBe("");
  });

  test("restarts further apart than the period are never spent", async () => {
    let now = 0;
    const children: Child<State>[] = [
      {
        name: "a",
        restart: "transient",
        run: (s) => {
          now += 5_001;
          if (s.supervision.work?.turn !== 6) throw oops();
          return { done: "yes" };
        },
      },
    ];
    const { error, state } = await run(graphOf(children, { now: () => now }));
    expect(error).toBeUndefined();
    expect(state.done).toBe("yes");
    now = 0;
    const closer = children.map((child) => ({ ...child, run: () => Promise.reject(oops()) }));
    expect((await run(graphOf(closer, { now: () => now }))).error).toMatchObject({ code: "restarts_spent" });
  });

  const nested = (leaf: Child<State>["run"], intensities: readonly number[]): Child<State>["run"] =>
    intensities.reduce<Child<State>["run"]>(
      (inner, intensity, level) =>
        supervise({
          name: `level ${level}`,
          state: State,
          intensity,
          periodMs: 1e9,
          children: [{ name: level === 0 ? "leaf" : "inner", restart: "transient", run: inner }],
        }),
      leaf,
    );

  test("it goes through two levels, each of which tried what it may", async () => {
    const leaf = failing(999);
    const graph = graphOf([{ name: "outer", restart: "transient", run: nested(leaf, [1, 1]) }], {
      intensity: 0,
    });
    const { error } = await run(graph);
    expect(error).toMatchObject({
      code: "restarts_spent",
      details: { supervisor: "work" },
      cause: {
        code: "restarts_spent",
        details: { supervisor: "work/outer" },
        cause: {
          code: "restarts_spent",
          details: { supervisor: "work/outer/inner" },
          cause: { code: "oops" },
        },
      },
    });
    expect(leaf.runs).toBe(4);
  });

  test("an inner supervisor that is restarted has its intensity again", async () => {
    const leaf = failing(3, { done: "yes" });
    const graph = graphOf([{ name: "inner", restart: "transient", run: nested(leaf, [1]) }], {
      intensity: 1,
    });
    const { error, state } = await run(graph);
    expect(error).toBeUndefined();
    expect(state.done).toBe("yes");
    expect(leaf.runs).toBe(4);
  });

  test("nested intensities multiply: 10 within 10 is a hundred restarts, and then some", async () => {
    const leaf = failing(9_999);
    const graph = graphOf([{ name: "inner", restart: "transient", run: nested(leaf, [10]) }], {
      intensity: 10,
      periodMs: 1e9,
    });
    const { error } = await run(graph, {}, { recursionLimit: 100 });
    expect(error).toMatchObject({ code: "restarts_spent" });
    expect(leaf.runs).toBe((10 + 1) * (10 + 1));
  });

  test("a bug that is mended: the thread goes on with who had not ended, and nothing is counted", async () => {
    const runs = { a: 0, b: 0 };
    let broken = true;
    const bug = new TypeError("x is undefined");
    const children: Child<State>[] = [
      {
        name: "a",
        restart: "transient",
        run: () => {
          runs.a += 1;
          return { plan: "p" };
        },
      },
      {
        name: "b",
        restart: "transient",
        when: (s) => s.plan !== null,
        run: () => {
          runs.b += 1;
          if (broken) throw bug;
          return { done: "yes" };
        },
      },
    ];
    const graph = graphOf(children);
    for (const input of [{}, null]) {
      const { error } = await run(graph, input);
      expect(error).toMatchObject({ category: "unexpected", code: "restarts_spent", cause: { cause: bug } });
    }
    expect(runs).toEqual({ a: 1, b: 4 });
    broken = false;
    const { error, state } = await run(graph, null);
    expect(error).toBeUndefined();
    expect(state).toMatchObject({ plan: "p", done: "yes" });
    expect(runs).toEqual({ a: 1, b: 5 });
  });

  test("a bug under two supervisors can be mended as well", async () => {
    let broken = true;
    const leaf = () => {
      if (broken) throw new TypeError("x is undefined");
      return { done: "yes" };
    };
    const graph = graphOf([{ name: "inner", restart: "transient", run: nested(leaf, [1]) }]);
    expect((await run(graph)).error).toMatchObject({ category: "unexpected" });
    broken = false;
    expect((await run(graph, null)).state.done).toBe("yes");
  });
});
