/** A case whose model is down: put aside as it is, the customer told once, gone on with when it is back. On both engines. */
import { expect, test } from "vitest";
import type { DeskRun } from "#graphs/order-desk/desk.ts";
import type { Role } from "#graphs/order-desk/model/index.ts";
import { plainWord } from "#graphs/order-desk/nodes/park.ts";
import type { OpenResources } from "#graphs/order-desk/resources.ts";
import { Fault } from "#src/faults/index.ts";
import { eachEngine } from "../../support/database.ts";
import { ownTicket, testDesk } from "./test-desk.ts";

/** The breaker of the model's endpoint, open for the roles that are down. */
function breaking() {
  const broken = {
    down: new Set<Role>(),
    refused: 0,
    mend: ({ model, ...rest }: OpenResources): OpenResources => ({
      ...rest,
      model: {
        async ask(question) {
          if (!broken.down.has(question.role)) return model.ask(question);
          broken.refused += 1;
          throw new Fault("transient", "circuit_open", "the model is down", { retryAfterMs: 10 });
        },
      },
    }),
  };
  return broken;
}

const say = (run: DeskRun, answer: string) => ({ [run.questions[0]?.id ?? ""]: answer });

eachEngine("a case whose model is down", (open) => {
  async function parked(role: Role) {
    const broken = breaking();
    broken.down.add(role);
    const desk = await testDesk(await open(), {}, broken.mend);
    const { instruction: message, expected } = await ownTicket("cancel");
    const run = await desk.start("t", { message });
    const mails = async () => (await desk.report("t")).effects.map(({ name, timesRun }) => [name, timesRun]);
    return { broken, desk, run, message, expected, mails };
  }

  test("is parked with a plain word to the customer, and not one more call is made", async () => {
    const { broken, desk, run, mails } = await parked("planner");
    expect(run.status).toBe("paused");
    expect(run.questions[0]?.question).toMatchObject({
      node: "park",
      options: ["again", "leave"],
      details: { told: plainWord },
    });
    expect(broken.refused).toBe(1);
    expect(await mails()).toEqual([["mail that it is parked", 1]]);
    expect((await desk.report("t")).changed).toEqual({});
  });

  test("goes on where it stood when the model is back, in a resume", async () => {
    const { broken, desk, run, expected, mails } = await parked("planner");
    broken.down.clear();
    const ended = await desk.answer("t", say(run, "again"));
    expect(ended).toMatchObject({ status: "finished", state: { mailed: true, trouble: null, parked: null } });
    const report = await desk.report("t");
    expect(report.changed).toEqual(expected);
    expect(report.outcome).toBe("resolved");
    expect((await mails()).filter(([name]) => String(name).startsWith("mail"))).toEqual([
      ["mail that it is parked", 1],
      ["mail the reply", 1],
    ]);
  });

  test("is parked again when the model is still down, and the customer is not written to twice", async () => {
    const { desk, run, mails } = await parked("planner");
    const again = await desk.answer("t", say(run, "again"));
    expect(again.questions[0]?.question.node).toBe("park");
    expect(await mails()).toEqual([["mail that it is parked", 1]]);
  });

  test("is parked before anybody knows who writes, and says that nobody was told", async () => {
    const { desk, run, mails } = await parked("intake");
    expect(run.questions[0]?.question).toMatchObject({
      node: "park",
      details: { told: "nobody yet" },
    });
    expect(await mails()).toEqual([]);
    const left = await desk.answer("t", say(run, "leave"));
    expect(left).toMatchObject({
      status: "finished",
      state: { trouble: "the model is down", mailed: false },
    });
  });

  test("is parked also when the mail is down, and the customer is written to later", async () => {
    const broken = breaking();
    broken.down.add("planner");
    const desk = await testDesk(await open(), {}, broken.mend);
    const release = desk.resources.isolation.mail.isolate();
    const run = await desk.start("t", { message: (await ownTicket("cancel")).instruction });
    expect(run.questions[0]?.question).toMatchObject({ node: "park", details: { told: "nobody yet" } });
    release();
    await desk.answer("t", say(run, "again"));
    expect((await desk.report("t")).effects).toEqual([
      expect.objectContaining({ name: "mail that it is parked", timesRun: 1 }),
    ]);
  });

  test("gives way to the customer's next message", async () => {
    const { broken, desk, message, expected } = await parked("planner");
    broken.down.clear();
    const next = await desk.start("t", { message: `${message} Thank you.` });
    expect(next).toMatchObject({ status: "finished", state: { caseNumber: 2, parked: null } });
    expect((await desk.report("t")).changed).toEqual(expected);
  });
});
