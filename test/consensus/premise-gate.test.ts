/** Premise gates on running graphs: what a judge sees, where its word goes, and what it costs when it has none. */
import { END, interrupt, MemorySaver, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { auditGraph } from "#src/audit/index.ts";
import { challenger, inspector, type Judgement, refusal } from "#src/consensus/index.ts";
import { Fault } from "#src/faults/index.ts";
import { asNode } from "../traps/graphs.ts";
import { graphWith, type Judge, pass, reject, run, type Seen, State, sees } from "./gate-graph.ts";

const saying = (...judgements: Judgement[]): Judge => {
  const left = [...judgements];
  return async () => left.shift() ?? pass;
};

describe("a judge", () => {
  test("is shown the claim and the evidence, nothing of the author's reasoning", async () => {
    const shown: Seen[] = [];
    const { graph } = graphWith({
      judge: async (seen) => {
        shown.push(seen);
        return pass;
      },
    });
    const { values, events } = await run(graph);
    expect(shown).toEqual([{ ticket: "refund 38.03", claim: "claim 1" }]);
    expect(values).toMatchObject({ checked: true, built: "on claim 1", faults: [] });
    expect(events).toEqual([
      {
        type: "judged",
        node: "gate",
        by: "inspector",
        gate: "judge of claims",
        verdict: "pass",
        reasons: [],
      },
    ]);
  });

  test.each([
    ["more", (state: State): Seen => state, "judge of claims"],
    ["less", ({ ticket }: State): Seen => ({ ticket }) as Seen, "claim"],
  ])("that would be shown %s than it declares is not asked", async (_, show, named) => {
    let asked = 0;
    const judge: Judge = async () => {
      asked += 1;
      return pass;
    };
    const { error } = await run(graphWith({ judge, show }).graph);
    expect(error).toMatchObject({ code: "undeclared_context", message: expect.stringContaining(named) });
    expect(asked).toBe(0);
  });
});

test.each([
  ["loose", z.looseObject({ claim: z.string() })],
  ["plain", z.object({ claim: z.string() })],
])(
  "a judge that sees a %s object is refused when the graph is built: it would be shown the rest",
  (_, sees) => {
    for (const made of [inspector, challenger])
      expect(() =>
        made({ name: "judge", sees, show: (state: { claim: string }) => state, judge: async () => pass }),
      ).toThrow(/"judge": sees must be a z.strictObject/);
  },
);

test("a refusal carries what its author has in no conversation, beside the reasons", () => {
  const fault = refusal("inspector", { verdict: "amend", reasons: ["too much"] }, { plan: "all of it" });
  expect(fault).toMatchObject({
    category: "llm-recoverable",
    code: "amended_by_inspector",
    details: { reasons: ["too much"], plan: "all of it" },
  });
});

describe("what a judge refuses goes back to its author with the reasons", () => {
  test.each([
    ["reject", inspector, "refused_by_inspector"],
    ["amend", inspector, "amended_by_inspector"],
    ["reject", challenger, "refused_by_challenger"],
    ["amend", challenger, "amended_by_challenger"],
  ] as const)("%s by %o: %s", async (verdict, by, code) => {
    const { graph, told } = graphWith({ by, judge: saying({ ...reject, verdict }) });
    const { values, types } = await run(graph);
    expect(told).toEqual([[], ["38.03 was asked for.; Nobody asked for 99."]]);
    expect(values.built).toBe("on claim 2");
    expect(values.faults).toMatchObject([
      { code, category: "llm-recoverable", route: "author", details: { reasons: reject.reasons } },
    ]);
    expect(types).toEqual(["judged", "attempt_failed", "routed", "judged"]);
  });

  test("and not for ever: a judge that is never content ends the rounds, and nobody builds on the claim", async () => {
    const { graph, told } = graphWith({ judge: async () => reject });
    const { values } = await run(graph);
    expect(told).toHaveLength(3);
    expect(values).toMatchObject({ built: "nothing", checked: false });
    expect(values.faults.map(({ route }) => route)).toEqual(["author", "author", "give_up"]);
  });

  test("or where the graph wants it, by a fault of its own", async () => {
    const refused = ({ reasons }: Judgement) => new Fault("compensable", "not_here", reasons.join(" "));
    const { values } = await run(graphWith({ judge: saying(reject), refused }).graph);
    expect(values).toMatchObject({ built: "nothing", faults: [{ code: "not_here", route: "give_up" }] });
  });
});

describe("an answer that is no judgement", () => {
  const noJudgements: [string, () => unknown][] = [
    ["a fault of its reader", () => Promise.reject(new Fault("llm-recoverable", "malformed", "no JSON"))],
    ["an error of its schema", () => Promise.reject(z.string().safeParse(7).error)],
    ["a verdict that is none", () => ({ verdict: "maybe", reasons: [] })],
    ["a refusal without a reason", () => ({ verdict: "reject", reasons: [] })],
    ["a refusal with an empty reason", () => ({ verdict: "amend", reasons: [" "] })],
    ["nothing", () => undefined],
  ];
  test.each(noJudgements)("is not the author's to mend: %s is asked again", async (_, answer) => {
    let asked = 0;
    const judge: Judge = async () => (++asked < 3 ? ((await answer()) as Judgement) : pass);
    const { graph, told } = graphWith({ judge });
    const { values, types } = await run(graph);
    expect(values).toMatchObject({ built: "on claim 1", faults: [] });
    expect(types).toEqual(["red_flag", "red_flag", "judged"]);
    expect(told).toHaveLength(1);
  });

  test.each(noJudgements)(
    "three times in a row ends it, and the claim has not passed: %s",
    async (_, answer) => {
      let asked = 0;
      const judge: Judge = async () => {
        asked += 1;
        return (await answer()) as Judgement;
      };
      const { values } = await run(graphWith({ judge }).graph);
      expect(asked).toBe(3);
      expect(values).toMatchObject({ built: "nothing", checked: false });
      expect(values.faults).toMatchObject([{ code: "no_judgement", category: "compensable", node: "gate" }]);
    },
  );
});

test("a judge that cannot be reached is retried, not taken for a refusal or for a pass", async () => {
  let asked = 0;
  const judge: Judge = async () => {
    asked += 1;
    if (asked === 1) throw new Fault("transient", "http_503", "down");
    return pass;
  };
  const { graph, told } = graphWith({ judge });
  expect((await run(graph)).values).toMatchObject({ built: "on claim 1", faults: [{ route: "retried" }] });
  expect(told).toHaveLength(1);
});

test("a judge that a stopped run cut short is not asked again", async () => {
  const stop = new AbortController();
  let asked = 0;
  const gate = inspector({
    name: "judge of claims",
    sees: z.strictObject({}),
    show: () => ({}),
    judge: async () => {
      asked += 1;
      stop.abort(new Fault("llm-recoverable", "sibling_failed", "stopped"));
      throw stop.signal.reason;
    },
  });
  await expect(gate({}, { signal: stop.signal })).rejects.toBe(stop.signal.reason);
  expect(asked).toBe(1);
});

test("a judge may be a person: its question pauses the run", async () => {
  const { graph } = graphWith({ judge: async ({ claim }) => interrupt<string, Judgement>(`${claim}?`) });
  expect(await run(graph)).toMatchObject({ error: undefined, next: ["gate"], values: { faults: [] } });
});

describe("a gate stands on any edge:", () => {
  const gate = inspector({
    name: "judge of claims",
    sees,
    show: ({ ticket, claim }: State) => ({ ticket, claim }),
    judge: async () => reject,
  });

  test("inside a subgraph, whose author hears of it", async () => {
    const inner = graphWith({ judge: saying(reject) });
    const outer = new StateGraph(State)
      .addNode("planning", asNode(inner.graph))
      .addEdge(START, "planning")
      .addEdge("planning", END)
      .compile({ checkpointer: new MemorySaver() });
    expect(await outer.invoke({}, { configurable: { thread_id: "t" } })).toMatchObject({
      built: "on claim 2",
      checked: true,
    });
    expect(inner.told).toHaveLength(2);
  });

  test("as a plain node, whose refusal reaches the caller", async () => {
    const graph = new StateGraph(State).addNode("gate", gate).addEdge(START, "gate").compile();
    await expect(graph.invoke({})).rejects.toMatchObject({ code: "refused_by_inspector" });
  });

  test("and the audit finds nothing wrong with it", () => {
    expect(auditGraph(graphWith({ judge: saying() }).graph)).toEqual([]);
    expect(auditGraph(graphWith({ judge: saying(), by: challenger }).graph)).toEqual([]);
  });
});
