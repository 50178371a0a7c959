/** Mails the reply to the customer: an effect on the other side of a network, so it goes through the ledger. */
import { contextOf, type DeskRuntime, threadOf } from "../context.ts";
import { callTool } from "../isolation.ts";
import type { Resources } from "../resources.ts";
import type { DeskState, DeskUpdate } from "../state.ts";

export const send =
  (resources: Resources) =>
  async (state: DeskState, runtime: DeskRuntime): Promise<DeskUpdate> => {
    const { once, mail, shop, isolation } = await resources();
    if (state.customerId === null || state.replyText === null) return { mailed: false };
    const { email } = await shop.on(contextOf(runtime).branch).user(state.customerId);
    const letter = { to: email, subject: "Your request", body: state.replyText };
    await once(runtime, "mail the reply", letter, (key) =>
      callTool(isolation, isolation.mail, runtime, () =>
        mail.send({ ...letter, thread: threadOf(runtime), key, signal: runtime.signal }),
      ),
    );
    return { mailed: true };
  };
