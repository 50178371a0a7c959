/** What the services take and answer, as both their sides know it. */
import { z } from "zod";

/** Text that a service can keep: Postgres takes neither U+0000 nor half of a surrogate pair. */
export const storableText = z
  .string()
  .min(1)
  .refine((text) => !/\0|\p{Surrogate}/u.test(text), "must not contain U+0000 or half of a surrogate pair");

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
