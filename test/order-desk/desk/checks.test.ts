/** The checks of a plan on the running desk: what each finds, what switches it, and where a vote without a winner goes. */
import { expect, test } from "vitest";
import type { DeskContext } from "#graphs/order-desk/context.ts";
import type { ChatModel, Question } from "#graphs/order-desk/model/index.ts";
import type { OpenResources } from "#graphs/order-desk/resources.ts";
import { Fault } from "#src/faults/index.ts";
import { eachEngine } from "../../support/database.ts";
import { listened, ownTicket, testDesk } from "./test-desk.ts";

type Plan = { actions: { arguments: Record<string, unknown> }[] };

/** Another reason than the customer gave: a plan that the shop allows and nobody asked for. */
const wrongReason = (plan: Plan): Plan => ({
  ...plan,
  actions: plan.actions.map((action) => ({
    ...action,
    arguments: { ...action.arguments, reason: "ordered by mistake" },
  })),
});

/** True: the wrong plan. Undefined or false: the right one. Else what is given, whatever it is. */
type Errs = (nth: number) => boolean | object | undefined;

/** Changes the planner's nth plan, from 1. */
function erring(model: ChatModel, errs: Errs, asked: Question[] = []): ChatModel {
  let plans = 0;
  return {
    async ask(question) {
      asked.push(question);
      const answer = await model.ask(question);
      const call = answer.message.toolCalls?.[0];
      if (question.role !== "planner" || call?.name !== "propose_plan") return answer;
      plans += 1;
      const error = errs(plans);
      if (error === undefined || error === false) return answer;
      const args = { ...(error === true ? wrongReason(call.args as Plan) : error) };
      return { ...answer, message: { ...answer.message, toolCalls: [{ ...call, args }] } };
    },
  };
}

const off: DeskContext = { redFlags: false, inspector: false, challenger: false, votes: "off" };

eachEngine("the checks of a plan", (open) => {
  async function run(context: DeskContext, errs: Errs) {
    const asked: Question[] = [];
    const mend = (resources: OpenResources): OpenResources => ({
      ...resources,
      model: erring(resources.model, errs, asked),
    });
    const desk = await testDesk(await open(), {}, mend);
    const { instruction: message, expected } = await ownTicket("cancel");
    const { run, events, nodes } = await listened((options) =>
      desk.start("t", { message }, { ...options, context }),
    );
    const report = await desk.report("t");
    return { run, events, nodes, report, expected, asked, desk };
  }

  test("without any, a plan that nobody asked for is carried out: the layer is what keeps it away", async () => {
    const { report, expected, nodes } = await run(off, () => true);
    expect(report.outcome).toBe("resolved");
    expect(report.changed).not.toEqual(expected);
    expect(nodes.filter((node) => /vote|inspector|challenger/.test(node))).toEqual([]);
  });

  test.each([
    ["inspector", "refused_by_inspector"],
    ["challenger", "refused_by_challenger"],
  ])("the %s sends it back, and the planner sees the plan that was refused", async (check, code) => {
    const { report, expected, asked } = await run({ ...off, [check]: true }, (nth) => nth === 1);
    expect(report.changed).toEqual(expected);
    expect(report.faultList).toEqual([
      expect.objectContaining({ node: check, category: "llm-recoverable", code, end: "planner" }),
    ]);
    const prompts = asked.filter(({ role }) => role === "planner").map((one) => JSON.stringify(one.messages));
    expect(prompts.at(-1)).toContain(String.raw`\"reason\": \"ordered by mistake\"`);
  });

  test("a plan refused in three rounds is given up for a new attempt, and after two of those for staff", async () => {
    const { run: ended, report, events } = await run({ ...off, inspector: true }, () => true);
    expect(events.filter(({ type }) => type === "child_restarted")).toHaveLength(2);
    expect(ended.state.trouble).not.toBeNull();
    expect(report.changed).toEqual({});
  });

  test("a vote outvotes it: the winner is checked by the gates, and not voted on again", async () => {
    const { report, expected, nodes, events } = await run({ ...off, votes: "all" }, (nth) => nth === 1);
    expect(report.changed).toEqual(expected);
    expect(events.filter(({ type }) => type === "vote_decided")).toEqual([
      expect.objectContaining({ rule: "ahead by 3", drawn: 5 }),
    ]);
    expect(nodes.filter((node) => /planning\/(gates|vote)/.test(node))).toEqual([
      "work/planning/gates",
      "work/planning/vote",
      "work/planning/gates",
    ]);
    expect(report.tokens.votes).toBeGreaterThan(0);
  });

  test("only plans that move more than the limit are voted on", async () => {
    const small = await run({ ...off, votes: "big", voteAbove: 1_000_000 }, () => false);
    expect(small.events.filter(({ type }) => type === "vote_decided")).toEqual([]);
    const big = await run({ ...off, votes: "big", voteAbove: 1 }, () => false);
    expect(big.events.filter(({ type }) => type === "vote_decided")).toHaveLength(1);
  });

  test("a sample that cannot be read is no vote, and takes none of the others with it", async () => {
    const { report, expected, events } = await run({ redFlags: true, votes: "all" }, (nth) =>
      nth === 2 ? { nonsense: true } : undefined,
    );
    expect(report.changed).toEqual(expected);
    expect(events.filter(({ type }) => type === "red_flag")).toEqual([
      expect.objectContaining({ code: "wrong_format", vote: "plan", sample: expect.any(Number) }),
    ]);
  });

  test("samples that would rather ask win like any other, and the customer is asked", async () => {
    const { run: asked, report } = await run({ ...off, votes: "all" }, (nth) =>
      nth > 1 ? { actions: [], declined: [], question: `Which one? (${nth})` } : undefined,
    );
    expect(report.changed).toEqual({});
    expect(asked.questions[0]?.question.question).toMatch(/^Which one\? \(\d\)$/);
  });

  test("a model that is down at the inspector parks the case, and no plan is made again", async () => {
    const desk = await testDesk(await open(), {}, ({ model, ...rest }) => ({
      ...rest,
      model: {
        ask: async (question) => {
          if (question.role !== "inspector") return model.ask(question);
          throw new Fault("transient", "http_503", "gone", { retryAfterMs: 0 });
        },
      },
    }));
    const { instruction: message } = await ownTicket("cancel");
    const { run: parked, nodes } = await listened((options) => desk.start("t", { message }, options));
    expect(parked.questions[0]?.question.node).toBe("park");
    expect(nodes.filter((node) => node === "work/planning/gates")).toHaveLength(1);
  });

  test("a vote that nobody wins is staff's, and no plan is guessed", async () => {
    const { run: ended, report, events } = await run({ ...off, votes: "all" }, (nth) => nth % 2 === 0);
    expect(report.changed).toEqual({});
    expect(events.filter(({ type }) => type === "vote_undecided")).toHaveLength(1);
    expect(ended.state.trouble).toMatch(/"plan" \(ahead by 3\) is not decided/);
  });

  test.each(["inspector", "challenger"])(
    "a unanimous vote that the %s refuses is false consensus, and staff's",
    async (check) => {
      const { run: asked, report, events } = await run({ ...off, [check]: true, votes: "all" }, () => true);
      expect(events.filter(({ type }) => type === "vote_decided")).toHaveLength(1);
      expect(events).toContainEqual(
        expect.objectContaining({ type: "false_consensus", vote: "plan", why: "inspector_disagrees" }),
      );
      expect(asked.state.trouble).toMatch(/^The vote was unanimous, and an eye from outside refuses it/);
      expect(asked.questions).toEqual([]);
      expect(report.changed).toEqual({});
    },
  );

  test("samples of two models are two opinions: one that always errs does not win", async () => {
    const desk = await testDesk(await open(), {}, ({ model, ...rest }) => ({
      ...rest,
      model: erring(model, () => true),
      fallback: model,
    }));
    const { instruction: message } = await ownTicket("cancel");
    const { events } = await listened((options) =>
      desk.start("t", { message }, { ...options, context: { ...off, votes: "all" } }),
    );
    expect(events.map(({ type }) => type)).not.toContain("vote_decided");
    expect((await desk.report("t")).changed).toEqual({});
  });
});
