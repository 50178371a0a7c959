/**
 * What every role may know of the customer's side: the message, and what people answered since. The builders
 * take this one shape, so that no role reads a ticket differently from the next.
 */
import { z } from "zod";

export const answerSchema = z.object({ question: z.string(), answer: z.string() });

export const ticketTextSchema = z.object({
  message: z.string(),
  /** Questions put to the customer and their answers, oldest first. */
  answers: z.array(answerSchema),
});

export type Answer = z.infer<typeof answerSchema>;
export type TicketText = z.infer<typeof ticketTextSchema>;
