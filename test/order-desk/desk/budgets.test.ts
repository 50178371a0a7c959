/** A case that costs too much ends on the desk's own route, with a plain word to the customer. On both engines. */
import { expect, test } from "vitest";
import { eachEngine } from "../../support/database.ts";
import { calm, ownTicket, testDesk } from "./test-desk.ts";

const resolved = { replyText: expect.any(String), mailed: true, trouble: null };

eachEngine("a case's budget", (open) => {
  test.each([
    ["calls", { caseCalls: 3 }, "the run's budget of 3 model calls is spent"],
    ["tokens", { caseTokens: 10 }, "the run's budget of 10 tokens is spent"],
  ])(
    "of %s stops it before anything is changed, and the customer hears of it",
    async (_, limits, trouble) => {
      const desk = await testDesk(await open());
      const { instruction: message } = await ownTicket("cancel");
      const run = await desk.start("t", { message }, { context: limits });
      expect(run).toMatchObject({ status: "finished", state: { trouble, done: [], mailed: true } });
      expect(run.state.replyText).toContain("Nothing has been changed.");
      expect((await desk.report("t")).changed).toEqual({});
    },
  );

  test("that is spent while planning is spent for the desk too, and comes back with the next case", async () => {
    const desk = await testDesk(await open());
    const { instruction: message } = await ownTicket("cancel");
    const context = { caseCalls: 12 };
    expect((await desk.start("t", { message }, { context })).state).toMatchObject(resolved);
    const again = await desk.start("t", { message }, { context });
    expect(again.state).toMatchObject({ ...resolved, caseNumber: 2 });
    const { spent } = again.state;
    expect(spent["thread:calls"]).toBeGreaterThan(spent["run:calls"] ?? 0);
    const third = await desk.start(
      "t",
      { message },
      { context: { threadCalls: spent["thread:calls"] ?? 0 } },
    );
    expect(third.state.trouble).toMatch(/^the thread's budget of \d+ model calls is spent$/);
  });

  test("counts each call once, faults, retries and replays or not", async () => {
    let asked = 0;
    const desk = await testDesk(
      await open(),
      { ...calm, faults: { model: 0.3, tool: 0.2, payment: 0 } },
      ({ model, ...rest }) => ({
        ...rest,
        model: {
          ask(question) {
            asked += 1;
            return model.ask(question);
          },
        },
      }),
    );
    const run = await desk.start("t", { message: (await ownTicket("cancel")).instruction });
    expect(run.status).toBe("finished");
    expect(run.state.spent["run:calls"]).toBe(asked);
  });
});
