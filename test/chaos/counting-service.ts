/** A service over HTTP that charges once for each Idempotency-Key, and can be asked what it charged for. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { receiptFor } from "./booking-graph.ts";

export interface CountingService {
  charge(key: string, thread: string, run: number): Promise<string>;
  /** How often each run of each thread was charged. */
  charged(): ReadonlyMap<string, number>;
  /** Requests under a key that had its answer already. */
  repeats(): number;
  close(): Promise<void>;
}

export const nameOf = (thread: string, run: number): string => `${thread}/${run}`;

export async function startCountingService(): Promise<CountingService> {
  const answers = new Map<string, string>();
  const charged = new Map<string, number>();
  let repeats = 0;
  const server = createServer(async (request, response) => {
    const key = String(request.headers["idempotency-key"]);
    const { thread, run } = JSON.parse(await text(request)) as { thread: string; run: number };
    if (answers.has(key)) repeats += 1;
    else {
      answers.set(key, receiptFor(thread, run));
      charged.set(nameOf(thread, run), (charged.get(nameOf(thread, run)) ?? 0) + 1);
    }
    response.end(answers.get(key));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    async charge(key, thread, run) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "idempotency-key": encodeURIComponent(key) },
        body: JSON.stringify({ thread, run }),
      });
      return response.text();
    },
    charged: () => charged,
    repeats: () => repeats,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
