/** The mail service: what it sent is what stands in its table. */
import type pg from "pg";
import { z } from "zod";
import { inTransaction } from "#checkpoints/transaction.ts";
import { type SentMail, storableText } from "./api.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { badBody, type LocalServer, listen } from "./http-server.ts";
import { onceForKey } from "./idempotency.ts";
import type { ServiceTables } from "./tables.ts";
import { effect, type KeyedHandler, type Played } from "./with-faults.ts";

const messageSchema = z.strictObject({ to: z.email(), subject: storableText, body: storableText });

export async function startMailService(
  pool: pg.Pool,
  { mailRequests, messages }: ServiceTables,
  plan: FaultPlan,
): Promise<LocalServer> {
  const played: Played = {
    plan,
    async effectsOf(thread) {
      const { rows } = await pool.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM ${messages} WHERE thread = $1`,
        [thread],
      );
      return rows[0]?.count ?? 0;
    },
  };

  const send: KeyedHandler = async ({ key, thread, body }) => {
    const parsed = messageSchema.safeParse(body);
    if (!parsed.success) return badBody(parsed.error);
    const message = parsed.data;
    return inTransaction(pool, (tx) =>
      onceForKey(tx, mailRequests, { key, thread, content: message }, async () => {
        await tx.query(
          `INSERT INTO ${messages} (thread, key, recipient, subject, body) VALUES ($1, $2, $3, $4, $5)`,
          [thread, key, message.to, message.subject, message.body],
        );
        return { key, ...message };
      }),
    );
  };

  return listen({
    "POST /messages": effect(played, send),
    "GET /messages": async ({ thread }) => {
      const { rows } = await pool.query<SentMail>(
        `SELECT key, recipient AS to, subject, body FROM ${messages} WHERE thread = $1 ORDER BY number`,
        [thread],
      );
      return { status: 200, body: rows };
    },
  });
}
