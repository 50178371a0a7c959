/**
 * The promise behind Idempotency-Key: a request that is sent twice is done once, and answered alike both times.
 *
 * All of it happens in the transaction that also does the work, so a crash between the two leaves neither.
 */
import type { Json } from "#src/faults/index.ts";
import type { Queryable } from "../shop/shop.ts";
import { type Answer, refusal } from "./http-server.ts";

export interface KeyedRequest {
  key: string;
  thread: string;
  /** Everything that makes it this request and no other. */
  content: Json;
}

/**
 * Runs `work` if the key is new, and keeps its answer.
 *
 * A request with the same key that is still in work is waited for: the insert blocks until its transaction ends.
 *
 * @returns 201 with the first answer; 422 when the key stood for other content; 409 when it was cancelled.
 */
export async function onceForKey(
  tx: Queryable,
  table: string,
  { key, thread, content }: KeyedRequest,
  work: () => Promise<Json>,
): Promise<Answer> {
  const request = JSON.stringify(content);
  const claimed = await tx.query(
    `INSERT INTO ${table} (key, thread, request) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING`,
    [key, thread, request],
  );
  if (claimed.rowCount === 1) {
    const answer = await work();
    await tx.query(`UPDATE ${table} SET answer = $2 WHERE key = $1`, [key, JSON.stringify(answer)]);
    return { status: 201, body: answer };
  }
  const { rows } = await tx.query<{ same: boolean; cancelled: boolean; answer: Json }>(
    `SELECT thread = $2 AND (request IS NULL OR request = $3::jsonb) AS same, cancelled_at IS NOT NULL AS cancelled, answer
     FROM ${table} WHERE key = $1`,
    [key, thread, request],
  );
  const [first] = rows;
  if (!first) throw new Error(`key ${key} was there and is gone: nothing may delete from ${table}`);
  if (!first.same) return refusal(422, "key_reused", "this Idempotency-Key stood for another request");
  if (first.cancelled) return refusal(409, "cancelled", "what this Idempotency-Key stands for was cancelled");
  return { status: 201, body: first.answer, headers: { "idempotent-replayed": "true" } };
}
