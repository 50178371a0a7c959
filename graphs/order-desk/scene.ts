/**
 * What goes wrong around one ticket. Tickets carry a scene; the stand-in model, the payment and the mail service
 * play it on the ticket's thread. An empty scene is a day on which all goes well.
 */
import { z } from "zod";

/** One a model call, in order; the calls after the last one go well. */
export const modelFaults = ["429", "500", "malformed", "disconnect", "slow"] as const;
export type ModelFault = (typeof modelFaults)[number];

/**
 * What a service can do to one request. `429` says Retry-After: 1. `reset_before` drops the connection without
 * doing the work, `reset_after` does the work and then drops it: the caller cannot tell the two apart.
 */
export const serviceFaults = ["503", "429", "reset_before", "reset_after", "slow"] as const;
export type ServiceFault = (typeof serviceFaults)[number];

const downAfter = z
  .int()
  .min(0)
  .describe("The thread's first n effects are done, then everything new is 503 until the scene is cleared");
const limitedAfter = z
  .int()
  .min(0)
  .describe(
    "As downAfter, but 429: a limit of this one account, said by a service that is up for all others",
  );

export const mailSceneSchema = z.strictObject({
  /** One a request, in order. */
  faults: z.array(z.enum(serviceFaults)).exactOptional(),
  downAfter: downAfter.exactOptional(),
  limitedAfter: limitedAfter.exactOptional(),
});

/** Down, the service moves no money, but still takes transfers back, unless `cancelsDown` says otherwise. */
export const paymentSceneSchema = mailSceneSchema.extend({
  cancelsDown: z.boolean().exactOptional(),
  /** Every charge is refused for good, as by the customer's bank. */
  declined: z.boolean().exactOptional(),
});
export type PaymentScene = z.infer<typeof paymentSceneSchema>;

export const sceneSchema = z.strictObject({
  model: z.array(z.enum(modelFaults)).exactOptional(),
  payment: paymentSceneSchema.exactOptional(),
  mail: mailSceneSchema.exactOptional(),
});
export type Scene = z.infer<typeof sceneSchema>;
