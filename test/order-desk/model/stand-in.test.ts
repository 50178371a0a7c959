import { afterEach, describe, expect, it } from "vitest";
import {
  type ChatModel,
  openChatModel,
  STAND_IN_MODEL,
  type StandIn,
  startStandIn,
} from "#graphs/order-desk/model/index.ts";
import {
  intakeMessages,
  parseIntake,
  parsePlannerTurn,
  plannerMessages,
  plannerTools,
} from "#graphs/order-desk/prompts/index.ts";
import { isFault } from "#src/faults/index.ts";

const ticket = {
  message: "I'm Ann Lee, ann@example.org. Please cancel order #W1, I no longer need it.",
  answers: [],
};
const intake = { role: "intake", messages: intakeMessages({ ticket }), json: true } as const;
const planner = {
  role: "planner",
  messages: plannerMessages({ ticket, customerId: "ann_lee_1", history: [], refusals: [] }),
  tools: plannerTools,
} as const;

let standIn: StandIn | undefined;
afterEach(async () => {
  await standIn?.close();
  standIn = undefined;
});

async function open(
  options: Partial<Parameters<typeof startStandIn>[0]> = {},
): Promise<{ standIn: StandIn; model: ChatModel }> {
  standIn = await startStandIn({ seed: 1, ...options });
  return { standIn, model: openChatModel({ apiKey: "none", baseUrl: standIn.url, model: standIn.model }) };
}

async function failure(run: Promise<unknown>): Promise<Record<string, unknown>> {
  return run.then(
    () => {
      throw new Error("expected a failure");
    },
    (error: Record<string, unknown>) => error,
  );
}

describe("the stand-in over HTTP", () => {
  it("answers as JSON, counts tokens, and says that it is no model", async () => {
    const { model } = await open();
    const answer = await model.ask({ ...intake, thread: "t" });
    expect(parseIntake(answer.message).identity).toEqual({
      email: "ann@example.org",
      first_name: "Ann",
      last_name: "Lee",
    });
    expect(answer.model).toBe(STAND_IN_MODEL);
    expect(answer.usage.inputTokens).toBeGreaterThan(0);
  });

  it("lists itself as the only model, and nobody's", async () => {
    const { standIn } = await open();
    const list = await (await fetch(`${standIn.url}/models`)).json();
    expect(list).toMatchObject({ data: [{ id: "faultline-stand-in (rules, not a model)" }] });
  });

  it("answers with a tool call, whose result the conversation carries back", async () => {
    const { model } = await open();
    const { message } = await model.ask({ ...planner, thread: "t" });
    expect(parsePlannerTurn(message)).toMatchObject({
      kind: "read",
      calls: [{ name: "get_user_details", args: { user_id: "ann_lee_1" } }],
    });
  });

  it("one ask is one request, also when it fails: no layer below retries (P23)", async () => {
    const { standIn, model } = await open();
    standIn.scene("t", { model: ["500", "429", "disconnect"] });
    expect(await failure(model.ask({ ...intake, thread: "t" }))).toMatchObject({ status: 500 });
    expect(standIn.calls()).toHaveLength(1);
    const limited = await failure(model.ask({ ...intake, thread: "t" }));
    expect(limited).toMatchObject({ status: 429 });
    expect((limited.headers as Headers).get("retry-after")).toBe("1");
    expect(standIn.calls()).toHaveLength(2);
    await failure(model.ask({ ...intake, thread: "t" }));
    expect(standIn.calls()).toHaveLength(3);
    await model.ask({ ...intake, thread: "t" });
  });

  it("a lost connection is a lost connection to the client, and no answer", async () => {
    const { standIn, model } = await open();
    standIn.scene("t", { model: ["disconnect"] });
    expect(await failure(model.ask({ ...intake, thread: "t" }))).toMatchObject({
      message: "Connection error.",
    });
  });

  it("a cut answer becomes an llm-recoverable fault: JSON, tool arguments and text", async () => {
    const { standIn, model } = await open();
    standIn.scene("t", { model: ["malformed", "malformed"] });
    const cut = await model.ask({ ...intake, thread: "t" });
    expect(() => parseIntake(cut.message)).toThrow(/not JSON/);
    const fault = await failure(model.ask({ ...planner, thread: "t" }));
    expect(isFault(fault) && [fault.category, fault.code]).toEqual(["llm-recoverable", "bad_arguments"]);
  });

  it("a slow answer arrives, late and within bounds", async () => {
    const { standIn, model } = await open();
    standIn.scene("t", { model: ["slow"] });
    const start = performance.now();
    await model.ask({ ...intake, thread: "t" });
    expect(performance.now() - start).toBeGreaterThan(250);
  });

  it("a scene strikes its own thread only", async () => {
    const { standIn, model } = await open();
    standIn.scene("theirs", { model: ["500"] });
    await model.ask({ ...intake, thread: "mine" });
    await failure(model.ask({ ...intake, thread: "theirs" }));
  });

  it("an aborted ask ends without its answer", async () => {
    const { standIn, model } = await open();
    standIn.scene("t", { model: ["slow"] });
    const signal = AbortSignal.timeout(50);
    await expect(model.ask({ ...intake, thread: "t", signal })).rejects.toThrow();
  });

  it("the script's planner asks a person about a ticket that the script does not know", async () => {
    const { model } = await open({ script: [] });
    const { message } = await model.ask({ ...planner, thread: "t" });
    expect(parsePlannerTurn(message)).toMatchObject({
      kind: "plan",
      plan: { actions: [], question: expect.any(String) },
    });
  });
});
