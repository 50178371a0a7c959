/** One service is dead: what its calls cost, and what becomes of the tickets. On both engines, over real connections. */
import { afterEach, describe, expect, test } from "vitest";
import type { DeskRuntime } from "#graphs/order-desk/context.ts";
import { deskIsolation } from "#graphs/order-desk/isolation.ts";
import { type ChatModelSettings, openChatModel, startStandIn } from "#graphs/order-desk/model/index.ts";
import type { OpenResources } from "#graphs/order-desk/resources.ts";
import { mailClient } from "#graphs/order-desk/services/mail-client.ts";
import { paymentClient } from "#graphs/order-desk/services/payment-client.ts";
import { Fault } from "#src/faults/index.ts";
import { eachEngine } from "../../support/database.ts";
import { type DeadService, startDeadService } from "../../support/dead-service.ts";
import { ownTicket, testDesk } from "./test-desk.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function deadService(): Promise<DeadService> {
  const dead = await startDeadService();
  closing.push(dead.close);
  return dead;
}

async function standInSettings(): Promise<ChatModelSettings> {
  const standIn = await startStandIn({ faultRate: 0, seed: 1 });
  closing.push(() => standIn.close());
  return { apiKey: "none", baseUrl: standIn.url, model: standIn.model };
}

const onModel = (url: string) => (resources: OpenResources) => ({
  ...resources,
  model: openChatModel({ apiKey: "none", baseUrl: `${url}/v1`, model: "dead" }),
});

const tickets = 12;
const names = Array.from({ length: tickets }, (_, i) => `t${i}`);
/** Failures that open a breaker, and those that were on their way when it did. */
const handful = 10 + tickets;

eachEngine("with the model's endpoint dead", (open) => {
  test("tickets end by the fallback, and a handful of calls reach the dead one", async () => {
    const dead = await deadService();
    const fallback = await standInSettings();
    const desk = await testDesk(await open(), { fallback }, onModel(dead.url));
    const { instruction: message, expected } = await ownTicket("cancel");
    const runs = await Promise.all(names.map((name) => desk.start(name, { message })));
    expect(runs.map(({ status }) => status)).toEqual(names.map(() => "finished"));
    for (const name of names) expect((await desk.report(name)).changed).toEqual(expected);
    expect(dead.calls).toBeGreaterThanOrEqual(10);
    expect(dead.calls).toBeLessThanOrEqual(handful);
  });

  test("tickets without a fallback are parked, none is lost, and none gnaws at the dead one", async () => {
    const dead = await deadService();
    const desk = await testDesk(await open(), {}, onModel(dead.url));
    const { instruction: message } = await ownTicket("cancel");
    const runs = await Promise.all(names.map((name) => desk.start(name, { message })));
    expect(runs.map(({ questions }) => questions[0]?.question.node)).toEqual(names.map(() => "park"));
    expect(dead.calls).toBeLessThanOrEqual(handful);
  });
});

eachEngine("with the model's endpoint dead, and one ticket alone, which opens no breaker", (open) => {
  /** Refuses at once, so that eight attempts take no time. */
  const refusing = (resources: OpenResources): OpenResources => ({
    ...resources,
    model: {
      ask: () => Promise.reject(new Fault("transient", "ECONNREFUSED", "nobody there", { retryAfterMs: 0 })),
    },
  });

  test("it is not given up while a fallback would answer", async () => {
    const desk = await testDesk(await open(), { fallback: await standInSettings() }, refusing);
    const { instruction: message, expected } = await ownTicket("cancel");
    expect(await desk.start("t", { message })).toMatchObject({
      status: "finished",
      state: { trouble: null },
    });
    expect((await desk.report("t")).changed).toEqual(expected);
  });

  test("it is parked without one, since nothing is staff's to mend", async () => {
    const desk = await testDesk(await open(), {}, refusing);
    const run = await desk.start("t", { message: (await ownTicket("cancel")).instruction });
    expect(run.questions[0]?.question).toMatchObject({ node: "park" });
    expect(run.state.faults.at(-1)).toMatchObject({ code: "model_down" });
  });
});

eachEngine("with a tool's service dead", (open) => {
  test("payment is not asked for every ticket, what was begun is taken back, and mail and model go on", async () => {
    const dead = await deadService();
    const desk = await testDesk(await open(), {}, ({ payment, ...rest }) => ({
      ...rest,
      payment: { ...payment, refund: paymentClient(dead.url).refund },
    }));
    const { instruction: message } = await ownTicket("cancel");
    const runs = await Promise.all(names.map((name) => desk.start(name, { message })));
    expect(runs.map(({ status, state }) => [status, state.carriedOut, state.mailed])).toEqual(
      names.map(() => ["finished", "compensated", true]),
    );
    expect(dead.calls).toBeLessThanOrEqual(handful);
    expect(desk.resources.isolation.model.state).toBe("closed");
    expect(await desk.proof(names)).toMatchObject({ doubled: [], lost: [], moneyBalanced: true });
  });

  test("mail keeps no ticket from its end", async () => {
    const dead = await deadService();
    const desk = await testDesk(await open(), {}, (resources) => ({
      ...resources,
      mail: mailClient(dead.url),
    }));
    const { instruction: message, expected } = await ownTicket("cancel");
    const runs = await Promise.all(names.map((name) => desk.start(name, { message })));
    expect(runs.map(({ status, state }) => [status, state.mailed])).toEqual(
      names.map(() => ["finished", false]),
    );
    for (const name of names) expect((await desk.report(name)).changed).toEqual(expected);
    expect(dead.calls).toBeLessThanOrEqual(handful);
  });
});

describe("with one kind of call slow", () => {
  test.each([
    ["modelCalls", "toolCalls"],
    ["toolCalls", "modelCalls"],
  ] as const)("%s take up no slot of the %s, and no other tenant's", async (slow, other) => {
    const isolation = deskIsolation({ model: "a model", fallback: "another" });
    const runtime: DeskRuntime = {};
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hanging = Array.from({ length: 40 }, () =>
      isolation[slow].run({ runtime, tenant: "loud" }, () => held),
    );
    expect(isolation[slow]).toMatchObject({ running: 24, waiting: 16 });
    expect(await isolation[other].run({ runtime, tenant: "loud" }, async () => "served")).toBe("served");
    expect(await isolation[slow].run({ runtime, tenant: "quiet" }, async () => "served")).toBe("served");
    release();
    await Promise.all(hanging);
  });
});
