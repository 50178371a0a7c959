/** A restart is a new start: what of the state is as if the child had never run, and what stays. */
import { START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Child } from "#src/isolation/index.ts";
import { failing, graphOf, oops, run, State } from "./desk.ts";

describe("a clean slate", () => {
  test("a subgraph's own channels are anew, and so is what it owns; what nobody owns stays", async () => {
    const seen: object[] = [];
    const Private = State.extend({ draft: z.string().default("") });
    let runs = 0;
    const planning = new StateGraph(Private)
      .addNode("think", (s) => {
        seen.push({ draft: s.draft, plan: s.plan, facts: s.facts, log: s.log });
        return { draft: "polluted", facts: ["in doubt"], log: "kept", plan: "bad" };
      })
      .addNode("check", () => {
        runs += 1;
        if (runs === 1) throw oops();
        return {};
      })
      .addEdge(START, "think")
      .addEdge("think", "check")
      .compile();
    const graph = graphOf([
      { name: "planning", restart: "transient", owns: ["plan", "facts"], run: planning },
    ]);
    const { state } = await run(graph, { log: "before", facts: ["left over"], plan: "old" });
    expect(seen).toEqual([
      { draft: "", plan: "old", facts: ["left over"], log: "before" },
      { draft: "", plan: null, facts: [], log: "before" },
    ]);
    expect(state).toMatchObject({ plan: "bad", log: "kept" });
  });

  test("a sibling that had ended, and is restarted with the one that failed, is asked again whether it is wanted", async () => {
    const fulfilment = failing(1, { done: "yes" });
    let plans = 0;
    const children: Child<State>[] = [
      {
        name: "planning",
        restart: "transient",
        owns: ["plan", "facts"],
        when: (s) => s.plan === null,
        run: () => {
          plans += 1;
          return { plan: `plan ${plans}`, facts: [`fact ${plans}`] };
        },
      },
      { name: "fulfilment", restart: "transient", when: (s) => s.plan !== null, run: fulfilment },
    ];
    const all = await run(graphOf(children, { strategy: "one_for_all" }));
    const anew = all.told.indexOf("~planning&fulfilment");
    expect(all.told.slice(anew + 1)).toEqual(["+planning", "planning.", "+fulfilment", "fulfilment."]);
    expect(all.state).toMatchObject({ plan: "plan 2", facts: ["fact 2"], done: "yes" });

    fulfilment.runs = 0;
    const rest = await run(graphOf(children, { strategy: "rest_for_one" }));
    expect(rest.state).toMatchObject({ plan: "plan 3", facts: ["fact 3"], done: "yes" });
  });

  test("what a stopped sibling was about to write is dropped", async () => {
    const a = failing(1);
    const graph = graphOf(
      [
        { name: "a", restart: "transient", run: a },
        {
          name: "b",
          restart: "temporary",
          run: async (_, { signal }) => {
            await new Promise((resolve) => signal?.addEventListener("abort", resolve));
            return { log: "late", facts: ["late"] };
          },
        },
      ],
      { strategy: "one_for_all" },
    );
    const { state } = await run(graph);
    expect(state).toMatchObject({ log: "", facts: [] });
  });

  test("subgraphs side by side do not write over each other what neither has changed", async () => {
    const writing = (update: Partial<State>) =>
      new StateGraph(State)
        .addNode("x", () => update)
        .addEdge(START, "x")
        .compile();
    const graph = graphOf([
      { name: "a", restart: "transient", run: writing({ plan: "p" }) },
      { name: "b", restart: "transient", run: writing({ log: "l" }) },
    ]);
    const { error, state } = await run(graph);
    expect(error).toBeUndefined();
    expect(state).toMatchObject({ plan: "p", log: "l" });
  });
});
