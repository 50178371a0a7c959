/**
 * The payment service: charges, refunds, and the taking back of either. It keeps no balances; what it moved is what
 * stands in its table.
 */
import type pg from "pg";
import { z } from "zod";
import { inTransaction } from "#checkpoints/transaction.ts";
import type { Queryable } from "../shop/shop.ts";
import { type Cancellation, storableText, type Transfer } from "./api.ts";
import type { FaultPlan } from "./fault-plan.ts";
import { type Answer, badBody, type LocalServer, listen, refusal } from "./http-server.ts";
import { onceForKey } from "./idempotency.ts";
import type { ServiceTables } from "./tables.ts";
import { effect, type KeyedHandler, type Played, undoing } from "./with-faults.ts";

const moveSchema = z.strictObject({
  /** Id of one of the customer's payment methods. */
  method: storableText,
  amount: z
    .number()
    .positive()
    .max(1_000_000)
    .refine((amount) => Math.round(amount * 100) / 100 === amount, "must have no more than two decimals"),
});

const cancelSchema = z.strictObject({ transfer: storableText });

export async function startPaymentService(
  pool: pg.Pool,
  tables: ServiceTables,
  plan: FaultPlan,
): Promise<LocalServer> {
  const { paymentRequests, transfers } = tables;
  const played: Played = {
    plan,
    async effectsOf(thread) {
      const { rows } = await pool.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM ${transfers} WHERE thread = $1`,
        [thread],
      );
      return rows[0]?.count ?? 0;
    },
  };

  const move =
    (kind: Transfer["kind"]): KeyedHandler =>
    async ({ key, thread, body }) => {
      const parsed = moveSchema.safeParse(body);
      if (!parsed.success) return badBody(parsed.error);
      const { method, amount } = parsed.data;
      if (kind === "charge" && plan.sceneOf(thread).declined === true) {
        return refusal(402, "declined", `${method} was declined`);
      }
      return inTransaction(pool, (tx) =>
        onceForKey(tx, paymentRequests, { key, thread, content: { kind, method, amount } }, async () => {
          await tx.query(
            `INSERT INTO ${transfers} (thread, key, kind, method, amount) VALUES ($1, $2, $3, $4, $5)`,
            [thread, key, kind, method, amount],
          );
          return { key, kind, method, amount, cancelled: false };
        }),
      );
    };

  const cancel: KeyedHandler = async ({ thread, body }) => {
    const parsed = cancelSchema.safeParse(body);
    if (!parsed.success) return badBody(parsed.error);
    const { transfer } = parsed.data;
    return inTransaction(pool, (tx) => cancelTransfer(tx, tables, thread, transfer));
  };

  return listen({
    "POST /charges": effect(played, move("charge")),
    "POST /refunds": effect(played, move("refund")),
    "POST /cancellations": undoing(played, cancel),
    "GET /transfers": async ({ thread }) => {
      const { rows } = await pool.query<Transfer>(
        `SELECT key, kind, method, amount::float8 AS amount, cancelled_at IS NOT NULL AS cancelled
         FROM ${transfers} WHERE thread = $1 ORDER BY number`,
        [thread],
      );
      return { status: 200, body: rows };
    },
  });
}

/**
 * Takes the transfer back, or, where there is none, makes sure that there never will be: its key is kept as
 * cancelled, and a charge that was only late is refused. Twice is as good as once.
 */
async function cancelTransfer(
  tx: Queryable,
  { paymentRequests, transfers }: ServiceTables,
  thread: string,
  key: string,
): Promise<Answer> {
  // Waits for a transfer with this key that is in work, and holds back one that comes now.
  const { rows } = await tx.query<{ mine: boolean }>(
    `INSERT INTO ${paymentRequests} AS r (key, thread, cancelled_at) VALUES ($1, $2, now())
     ON CONFLICT (key) DO UPDATE SET cancelled_at = coalesce(r.cancelled_at, CASE WHEN r.thread = $2 THEN now() END)
     RETURNING r.thread = $2 AS mine`,
    [key, thread],
  );
  if (rows[0]?.mine !== true) return refusal(422, "not_yours", "this key belongs to another thread");
  const moved = await tx.query(
    `UPDATE ${transfers} SET cancelled_at = coalesce(cancelled_at, now()) WHERE key = $1`,
    [key],
  );
  const done: Cancellation = { transfer: key, happened: (moved.rowCount ?? 0) > 0 };
  return { status: 200, body: done };
}
