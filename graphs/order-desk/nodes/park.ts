/**
 * The degraded route of a desk whose model is down: the case waits, for days if need be, and the customer hears so.
 *
 * Nothing has been changed by then. Said again, the case goes on where it stood; in any process.
 */
import { ask } from "#src/routing/index.ts";
import { contextOf, type DeskRuntime, threadOf } from "../context.ts";
import { callTool, onlyWaitingMends } from "../isolation.ts";
import type { Resources } from "../resources.ts";
import type { DeskState, DeskUpdate } from "../state.ts";
import { againOrLeave } from "./again-or-leave.ts";

export const plainWord =
  "Thank you for your message. We cannot work on it at the moment, and have put it aside: you will hear from us as soon as we can. Nothing has been changed.";

export const park =
  (resources: Resources) =>
  async (state: DeskState, runtime: DeskRuntime): Promise<DeskUpdate> => {
    const told = state.told || (await tell(resources, state, runtime));
    const why = state.parked ?? "a service is down";
    const question = `The case is parked: ${why}. Try again, or leave it to staff?`;
    const details = { told: told ? plainWord : "nobody yet" };
    const answer = ask(
      runtime,
      { node: "park", question, details, options: ["again", "leave"] },
      againOrLeave,
    );
    return { parked: null, told, ...(answer === "leave" && { trouble: why }) };
  };

/**
 * Once a case, however often it is parked. False where nobody knows whom to write to, and where the mail is down as well:
 * that must not keep the case from being parked, and the customer is written to when it is parked again.
 */
async function tell(resources: Resources, { customerId }: DeskState, runtime: DeskRuntime): Promise<boolean> {
  if (customerId === null) return false;
  const { once, mail, shop, isolation } = await resources();
  const { email } = await shop.on(contextOf(runtime).branch).user(customerId);
  const letter = { to: email, subject: "Your request", body: plainWord };
  try {
    await once(runtime, "mail that it is parked", letter, (key) =>
      callTool(isolation, isolation.mail, runtime, () =>
        mail.send({ ...letter, thread: threadOf(runtime), key, signal: runtime.signal }),
      ),
    );
    return true;
  } catch (error) {
    if (!onlyWaitingMends(error, runtime)) throw error;
    return false;
  }
}
