/** A service that takes connections, counts the calls and hangs up. For tests and benches of what a dead one costs. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface DeadService {
  readonly url: string;
  /** That reached it so far. */
  readonly calls: number;
  close(): Promise<void>;
}

export async function startDeadService(): Promise<DeadService> {
  let calls = 0;
  const server = createServer((request) => {
    calls += 1;
    request.socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
