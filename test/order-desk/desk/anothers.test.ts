/** Words for a customer that hold something of another one: in a reply, in a planner's question. */
import { expect, test } from "vitest";
import type { ChatModel } from "#graphs/order-desk/model/index.ts";
import type { OpenResources } from "#graphs/order-desk/resources.ts";
import { onPglite, reusing } from "../../support/database.ts";
import { listened, ownTicket, testDesk } from "./test-desk.ts";

/** The stand-in, but for what `words` makes of each answer. */
const saying =
  (words: (answer: Awaited<ReturnType<ChatModel["ask"]>>["message"], role: string) => object) =>
  (resources: OpenResources): OpenResources => ({
    ...resources,
    model: {
      async ask(question) {
        const answer = await resources.model.ask(question);
        return { ...answer, message: { ...answer.message, ...words(answer.message, question.role) } };
      },
    },
  });

onPglite("words of another customer", (opened) => {
  const open = reusing(opened);

  test("a reply with them is discarded, and code writes plain words where the model insists", async () => {
    const gossip = saying(({ content }, role) =>
      role === "reply" ? { content: `${content} We did so for BIANCHI, dario, too.` } : {},
    );
    const desk = await testDesk(await open(), {}, gossip);
    const { instruction: message } = await ownTicket("cancel");
    const { run, events } = await listened((options) => desk.start("t", { message }, options));
    expect(run.state.replyText).toMatch(/^Thank you for your message/);
    expect(events).toContainEqual(expect.objectContaining({ type: "red_flag", code: "anothers" }));
  });

  test("the order that a customer named, and that is not theirs, is left out of the reply", async () => {
    const desk = await testDesk(await open());
    const asking = await desk.start("t", { message: (await ownTicket("not-yours")).instruction });
    // A question may repeat what the customer wrote: it asks about it.
    expect(asking.questions[0]?.question.question).toContain("#W5453869");
    const run = await desk.answer("t", { [asking.questions[0]?.id ?? ""]: "No, leave it then." });
    expect(run.state.replyText).toMatch(/^Dear Callum,[^#]*an order that is not yours/);
  });

  const asking = (question: string) =>
    saying(({ toolCalls }, role) =>
      role === "planner" && toolCalls?.[0]?.name === "propose_plan"
        ? { toolCalls: [{ ...toolCalls[0], args: { actions: [], question } }] }
        : {},
    );

  test("a planner's question that holds what nobody told it is not put", async () => {
    const desk = await testDesk(await open(), {}, asking("Are you dario.bianchi@example.org?"));
    const run = await desk.start("t", { message: (await ownTicket("cancel")).instruction });
    expect(run).toMatchObject({ status: "finished", questions: [], state: { mailed: true } });
  });

  test("a planner's question that turns another customer's name round is not put", async () => {
    const desk = await testDesk(await open(), {}, asking("Do you write for Bianchi, Dario?"));
    const { instruction: message } = await ownTicket("cancel");
    const { run, events } = await listened((options) => desk.start("t", { message }, options));
    expect(run).toMatchObject({ status: "finished", questions: [] });
    expect(events).toContainEqual(expect.objectContaining({ type: "red_flag", code: "anothers" }));
  });

  test("a planner's question is put that names what the customer named, though in another spelling", async () => {
    const question = "What is 3465400 of Dario Bianchi to you?";
    const desk = await testDesk(await open(), {}, asking(question));
    const message = `${(await ownTicket("cancel")).instruction} And 3465400, of\nBianchi, Dario?`;
    const { questions } = await desk.start("t", { message });
    expect(questions.map(({ question }) => question.question)).toEqual([expect.stringContaining(question)]);
  });
});
