/** Each of the five categories on the running desk, on both engines: what went wrong, who mended it, what it left. */
import { expect, test } from "vitest";
import type { OpenResources } from "#graphs/order-desk/resources.ts";
import { eachEngine } from "../../support/database.ts";
import { listened, ownTicket, testDesk } from "./test-desk.ts";

const startOf = async (id: string) => {
  const { instruction, scene } = await ownTicket(id);
  return { message: instruction, ...(scene === undefined ? {} : { scene }) };
};

eachEngine("the running desk", (open) => {
  test("transient: a 429 is waited out as Retry-After says, not hammered", async () => {
    const desk = await testDesk(await open());
    const ticket = await startOf("return-rate-limited");
    const started = performance.now();
    const { run, events } = await listened((options) => desk.start("t", ticket, options));
    const waited = events.filter((event) => event.type === "waiting");
    expect(waited).toEqual([expect.objectContaining({ reason: "retry_after" })]);
    expect(waited[0]?.ms).toBeGreaterThanOrEqual(1_000);
    expect(waited[0]?.ms).toBeLessThan(2_000);
    expect(performance.now() - started).toBeGreaterThanOrEqual(1_000);
    expect(run.status).toBe("finished");
    expect((await desk.report("t")).faultList).toEqual([
      expect.objectContaining({ category: "transient", code: "http_429", end: "retried" }),
    ]);
  });

  test("transient: a 500 of the model and a payment whose answer was lost end as if nothing had been", async () => {
    const desk = await testDesk(await open());
    for (const id of ["exchange-server-error", "modify-lost-answer"]) {
      const { run } = await listened(async (options) => desk.start(id, await startOf(id), options));
      expect(run.status).toBe("finished");
      const report = await desk.report(id);
      expect(report.changed).toEqual((await ownTicket(id)).expected);
      expect(report.faults).toEqual({ transient: 1 });
      expect(report.effects.every(({ timesRun }) => timesRun === 1)).toBe(true);
    }
    expect(await desk.proof(["exchange-server-error", "modify-lost-answer"])).toMatchObject({
      doubled: [],
      lost: [],
      unclaimed: [],
      moneyBalanced: true,
    });
  });

  test("llm-recoverable: malformed JSON goes back to the model that wrote it, and is asked anew", async () => {
    const desk = await testDesk(await open());
    const ticket = await startOf("address-malformed-answer");
    const { events } = await listened((options) => desk.start("t", ticket, options));
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "routed",
        node: "intake",
        code: "malformed_answer",
        to: "intake",
        round: 1,
      }),
    );
    expect((await desk.report("t")).changed).toEqual((await ownTicket("address-malformed-answer")).expected);
  });

  test("llm-recoverable: the planner sees why the shop refused its plan, and makes a better one", async () => {
    const desk = await testDesk(await open());
    const ticket = await startOf("refused-plan");
    const { run, nodes } = await listened((options) => desk.start("t", ticket, options));
    expect(run.state.faults.map(({ node, code, route }) => [node, code, route])).toEqual([
      ["gates", "refused_by_shop", "planner"],
    ]);
    // The refused plan is not inspected: the gates' word is certain.
    expect(nodes.filter((node) => node === "work/planning/inspector")).toHaveLength(1);
    expect(run.state.plan?.declined).toHaveLength(1);
    expect((await desk.report("t")).changed).toEqual((await ownTicket("refused-plan")).expected);
  });

  test("user-fixable: the question stays open, and its answer goes on where it stopped", async () => {
    const desk = await testDesk(await open());
    const ticket = await ownTicket("who-is-it");
    const asked = await desk.start("t", { message: ticket.instruction });
    expect(asked.status).toBe("paused");
    expect((await desk.report("t")).outcome).toBe("asked");
    const [question] = asked.questions;
    const { run, nodes } = await listened((options) =>
      desk.answer("t", { [question?.id ?? ""]: ticket.answers?.[0] ?? "" }, options),
    );
    expect(run.status).toBe("finished");
    expect(nodes[0]).toBe("ask_customer");
    expect((await desk.report("t")).changed).toEqual(ticket.expected);
  });

  test("compensable: payment down for good after two actions undoes them in reverse", async () => {
    const desk = await testDesk(await open());
    const ticket = await startOf("payment-down");
    const { events } = await listened((options) => desk.start("t", ticket, options));
    const done = events.flatMap((event) => (event.type === "step_done" ? [event.step] : []));
    const undone = events.flatMap((event) => (event.type === "step_undone" ? [event.step] : []));
    expect(done).toHaveLength(5);
    expect(undone.filter((step) => done.includes(step))).toEqual([...done].reverse());
    const report = await desk.report("t");
    expect(report.outcome).toBe("compensated");
    expect(report.changed).toEqual({});
    expect(await desk.proof(["t"])).toMatchObject({ doubled: [], lost: [], moneyBalanced: true, moved: 0 });
  });

  test("unexpected: a bug is not retried, bubbles up with its cause, and after the fix only the failed node runs", async () => {
    const cause = new TypeError("cannot read properties of undefined");
    let broken = true;
    let calls = 0;
    const breakMail = (resources: OpenResources): OpenResources => ({
      ...resources,
      mail: {
        ...resources.mail,
        send: (mail) => {
          calls += 1;
          if (broken) throw cause;
          return resources.mail.send(mail);
        },
      },
    });
    const desk = await testDesk(await open(), {}, breakMail);
    const failed = await desk.start("t", await startOf("cancel"));
    expect(failed).toMatchObject({ status: "failed", error: { category: "unexpected", cause } });
    expect(calls).toBe(1);
    expect((await desk.report("t")).outcome).toBe("failed");

    expect(await desk.continue("t")).toMatchObject({ status: "failed", error: { cause } });
    broken = false;
    const { run, nodes } = await listened((options) => desk.continue("t", options));
    expect(run.status).toBe("finished");
    expect(nodes).toEqual(["bubble_up", "send", "desk"]);
    expect((await desk.report("t")).changed).toEqual((await ownTicket("cancel")).expected);
    expect(await desk.proof(["t"])).toMatchObject({
      doubled: [],
      lost: [],
      unclaimed: [],
      moneyBalanced: true,
    });
  });

  test("unexpected, in a supervised subgraph: restarted, then bubbles up; after the fix it alone begins anew, and no effect is doubled", async () => {
    let broken = true;
    const breakShop = (resources: OpenResources): OpenResources => ({
      ...resources,
      payment: {
        ...resources.payment,
        refund: (request) => {
          if (broken) throw new RangeError("not a number");
          return resources.payment.refund(request);
        },
      },
    });
    const desk = await testDesk(await open(), {}, breakShop);
    const failed = await desk.start("t", await startOf("cancel"));
    expect(failed).toMatchObject({
      status: "failed",
      error: {
        category: "unexpected",
        code: "restarts_spent",
        details: { child: "fulfilment", code: "bug" },
      },
    });
    // The records are changed and the money is not moved yet: that is judged when the thread has ended.
    expect(await desk.proof(["t"])).toMatchObject({ doubled: [], lost: [], moneyBalanced: true });
    broken = false;
    const { run, nodes } = await listened((options) => desk.continue("t", options));
    expect(run.status).toBe("finished");
    expect(nodes.filter((node) => node.startsWith("work/planning"))).toEqual([]);
    expect(await desk.proof(["t"])).toMatchObject({
      doubled: [],
      lost: [],
      unclaimed: [],
      moneyBalanced: true,
    });
  });
});
