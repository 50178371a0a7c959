import { MemorySaver, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { describe, expect, it } from "vitest";
import { openChatModel, settingsFromEnv, startStandIn } from "#graphs/order-desk/model/index.ts";
import {
  intakeMessages,
  parseIntake,
  parsePlannerTurn,
  plannerMessages,
  plannerTools,
} from "#graphs/order-desk/prompts/index.ts";

const ticket = {
  message:
    "Hello, I'm Ann Lee and my email is ann@example.org. Please cancel order #W1, I no longer need it.",
  answers: [],
};

describe("the chat model's settings", () => {
  it("are none without a key, so that the stand-in serves", () => {
    expect(settingsFromEnv({ OPENAI_BASE_URL: "http://localhost:1/v1" })).toBeUndefined();
    expect(settingsFromEnv({ OPENAI_API_KEY: "" })).toBeUndefined();
  });

  it("take base URL and model from the environment", () => {
    const env = { OPENAI_API_KEY: "k", OPENAI_BASE_URL: "http://localhost:1/v1", OPENAI_MODEL: "m" };
    expect(settingsFromEnv(env)).toEqual({ apiKey: "k", baseUrl: "http://localhost:1/v1", model: "m" });
  });
});

describe("the chat model", () => {
  it("does not take half a plan for a plan where LangGraph streams messages", async () => {
    const standIn = await startStandIn({ seed: 1 });
    try {
      const model = openChatModel({ apiKey: "none", baseUrl: standIn.url, model: standIn.model });
      standIn.scene("t", { model: ["malformed"] });
      const messages = plannerMessages({ ticket, customerId: "ann_1", history: [], refusals: [] });
      const graph = new StateGraph(MessagesAnnotation)
        .addNode("planner", async () => {
          await model.ask({ role: "planner", thread: "t", messages, tools: plannerTools });
          return {};
        })
        .addEdge(START, "planner")
        .compile({ checkpointer: new MemorySaver() });
      const read = async () => {
        const config = { streamMode: "messages" as const, configurable: { thread_id: "t" } };
        for await (const _ of await graph.stream({ messages: [] }, config));
      };
      await expect(read()).rejects.toMatchObject({ code: "bad_arguments" });
    } finally {
      await standIn.close();
    }
  });
});

const live = settingsFromEnv();
describe.skipIf(!live)(`a real model${live ? "" : " (skipped: no OPENAI_API_KEY)"}`, () => {
  it("answers intake and planner in the shapes asked for", async () => {
    if (!live) return;
    const model = openChatModel(live);
    const intake = await model.ask({
      role: "intake",
      thread: "smoke",
      messages: intakeMessages({ ticket }),
      json: true,
    });
    expect(parseIntake(intake.message).identity).toMatchObject({ email: "ann@example.org" });
    const messages = plannerMessages({ ticket, customerId: "ann_lee_1234", history: [], refusals: [] });
    const turn = await model.ask({ role: "planner", thread: "smoke", messages, tools: plannerTools });
    expect(parsePlannerTurn(turn.message)).toMatchObject({ kind: "read" });
  }, 120_000);
});
