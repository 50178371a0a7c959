/** The desk's way to the mail service. Retrying is the caller's affair: each call is tried once. */
import { z } from "zod";
import { type SentMail, sentMailSchema } from "./api.ts";
import { callService } from "./service-call.ts";

export interface MailClient {
  /**
   * @param mail - `key` is the Idempotency-Key: the same key is one mail, however often it is sent.
   * @throws As {@link callService}.
   */
  send(mail: {
    thread: string;
    key: string;
    to: string;
    subject: string;
    body: string;
    signal?: AbortSignal | undefined;
  }): Promise<SentMail>;
  /**
   * Every mail of the thread, in the order sent.
   *
   * @throws As {@link callService}.
   */
  sent(thread: string): Promise<SentMail[]>;
}

export function mailClient(url: string): MailClient {
  return {
    send: ({ thread, key, signal, to, subject, body }) =>
      callService(
        url,
        { method: "POST", path: "/messages", thread, key, body: { to, subject, body }, signal },
        sentMailSchema,
      ),
    sent: (thread) => callService(url, { method: "GET", path: "/messages", thread }, z.array(sentMailSchema)),
  };
}
