/** What the services answer, as both their sides know it. */
import { z } from "zod";

/** What the payment service did with one key. A cancelled transfer has moved no money on balance. */
export const transferSchema = z.object({
  key: z.string(),
  kind: z.enum(["charge", "refund"]),
  method: z.string(),
  amount: z.number(),
  cancelled: z.boolean(),
});
export type Transfer = z.infer<typeof transferSchema>;

/** `happened`: whether there was a transfer to take back. */
export const cancellationSchema = z.object({ transfer: z.string(), happened: z.boolean() });
export type Cancellation = z.infer<typeof cancellationSchema>;

export const sentMailSchema = z.object({
  key: z.string(),
  to: z.string(),
  subject: z.string(),
  body: z.string(),
});
export type SentMail = z.infer<typeof sentMailSchema>;
