/** Who writes is what the customer's own words say, whatever the model makes of them. On both engines. */
import { expect, test } from "vitest";
import type { ChatModel } from "#graphs/order-desk/model/index.ts";
import { eachEngine } from "../../support/database.ts";
import { testDesk } from "./test-desk.ts";

const somebody = {
  email: "amara.diallo@example.org",
  first_name: "Amara",
  last_name: "Diallo",
  zip: "05489",
};

/** Takes whoever writes for somebody else. */
const mistaken = (model: ChatModel, identity: object): ChatModel => ({
  async ask(question) {
    const answer = await model.ask(question);
    if (question.role !== "intake") return answer;
    const content = JSON.stringify({ identity, requests: ["Change the default address."] });
    return { ...answer, message: { ...answer.message, content } };
  },
});

eachEngine("intake", (open) => {
  async function customerOf(message: string, identity: object) {
    const desk = await testDesk(await open(), {}, ({ model, ...rest }) => ({
      ...rest,
      model: mistaken(model, identity),
    }));
    const { state, questions } = await desk.start("t", { message });
    return { customerId: state.customerId, question: questions[0]?.question.question };
  }

  test.each([
    ["e-mail address", { email: somebody.email }, "I am Anouk Leroy in 05425."],
    ["name and zip code", { ...somebody, email: undefined }, "I am anouk.leroy@example.org."],
  ])(
    "asks when the model gives another customer's %s, and touches nothing of theirs",
    async (_, identity, message) => {
      const { customerId, question } = await customerOf(message, identity);
      expect(customerId).toBeNull();
      expect(question).toMatch(/^Who are you\?/);
    },
  );

  test("takes what the customer wrote, in upper or lower case", async () => {
    const { customerId } = await customerOf("I am AMARA.DIALLO@example.org. Thanks!", somebody);
    expect(customerId).toBe("amara_diallo_9316");
  });
});
