/** What a thread does with its second message, and with a yes to what has changed since. On both engines. */
import { expect, test } from "vitest";
import { compensations } from "#graphs/order-desk/compensations.ts";
import type { DeskRun } from "#graphs/order-desk/desk.ts";
import type { OpenResources } from "#graphs/order-desk/resources.ts";
import type { PaymentClient } from "#graphs/order-desk/services/payment-client.ts";
import { Fault } from "#src/faults/index.ts";
import { createSaga } from "#src/recovery/index.ts";
import { eachEngine } from "../../support/database.ts";
import { ownTicket, testDesk } from "./test-desk.ts";

const sameForAll = (run: DeskRun, answer: string) =>
  Object.fromEntries(run.questions.map(({ id }) => [id, answer]));

eachEngine("a thread's second message", (open) => {
  test("with the same words is a new case, not the end of the old one", async () => {
    const desk = await testDesk(await open());
    const message = (await ownTicket("cancel")).instruction;
    await desk.start("t", { message });
    const again = await desk.start("t", { message });
    expect(again.state).toMatchObject({ caseNumber: 2, done: [], mailed: true });
    expect(again.state.plan?.declined).toHaveLength(1);
    expect((await desk.report("t")).changed).toEqual((await ownTicket("cancel")).expected);
  });

  test("waits until changes that are being taken back have been", async () => {
    let down = true;
    const broken = new Fault("compensable", "down_for_good", "the payment service is down");
    const breakPayment = ({ payment, ...rest }: OpenResources): OpenResources => {
      const cancel: PaymentClient["cancel"] = async (request) => {
        if (down) throw broken;
        return payment.cancel(request);
      };
      const charge: PaymentClient["charge"] = async (request) => {
        if (request.amount === 13.72) throw broken;
        return payment.charge(request);
      };
      const standing = { ...rest, payment: { ...payment, cancel, charge } };
      return {
        ...standing,
        saga: createSaga(rest.persistence.ledger, compensations(rest.shop, standing.payment)),
      };
    };
    const desk = await testDesk(await open(), {}, breakPayment);
    const { instruction: message } = await ownTicket("payment-down");
    const stuck = await desk.start("t", { message });
    expect(stuck.questions[0]?.question.node).toBe("ask_staff");

    const stillStuck = await desk.start("t", { message: `${message} Thank you.` });
    expect(stillStuck.questions[0]?.question.node).toBe("ask_staff");
    expect(stillStuck.state.caseNumber).toBe(1);

    down = false;
    const ended = await desk.answer("t", sameForAll(stillStuck, "again"));
    expect(ended).toMatchObject({ status: "finished", state: { caseNumber: 2, opened: null } });
    expect(await desk.proof(["t"])).toMatchObject({ doubled: [], lost: [], moneyBalanced: true });
    const mails = (await desk.report("t")).effects.filter(({ name }) => name === "mail the reply");
    expect(mails).toHaveLength(2);
  });
});

eachEngine("an approval", (open) => {
  test("holds for what was asked, not for what the same plan would do to records changed since", async () => {
    const desk = await testDesk(await open());
    const branch = "shared";
    const wes = "Hello, my name is Wes Calloway and my zip code is 05454.";
    const asked = await desk.start(
      "cancels",
      { message: `${wes} Please cancel order #W3872045, I no longer need it.` },
      { context: { branch, approvalLimit: 5 } },
    );
    expect(asked.questions[0]?.question.question).toContain("refund 57.68 to paypal_2693144");
    await desk.start(
      "pays",
      { message: `${wes} In order #W3872045, please change the payment to credit_card_6484249.` },
      { context: { branch } },
    );
    const told = await desk.answer("cancels", sameForAll(asked, "yes"), { context: { branch } });
    expect(told.state).toMatchObject({ carriedOut: "compensated", done: [] });
    expect(told.state.faults.at(-1)).toMatchObject({ code: "not_as_approved", route: "compensate" });
    const { orders = {} } = await desk.resources.shop.on(branch).changed();
    expect(orders["#W3872045"]?.status).toBe("pending");
  });
});
