/**
 * A small JSON server on loopback: routes in, one answer out. Knows nothing of payments, mail or faults.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { z } from "zod";
import type { Json } from "#src/faults/index.ts";
import { storableText } from "./api.ts";

export interface ServiceRequest {
  /** From X-Thread: the ticket's thread. Percent-encoded on the wire, since headers take no other letters. */
  thread: string;
  /** From Idempotency-Key, percent-encoded likewise. */
  key: string | undefined;
  body: unknown;
}

export interface Answer {
  status: number;
  body: Json;
  headers?: Record<string, string>;
}

/** What a handler does: answer, or drop the connection without a word. */
export type Outcome = Answer | "reset";
export type Handler = (request: ServiceRequest) => Promise<Outcome>;

export interface LocalServer {
  url: string;
  /** Takes no more requests, waits for those in work, then resolves. */
  close(): Promise<void>;
}

const maxBodyBytes = 64 * 1024;

/** @param routes - By method and path, such as "POST /charges". */
export async function listen(routes: Record<string, Handler>): Promise<LocalServer> {
  const inWork = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const work = respond(routes, request, response).finally(() => inWork.delete(work));
    inWork.add(work);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      // A handler in work still needs the database, which its owner may end after this.
      await Promise.all(inWork);
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An answer that says no: `{ error: { code, message } }`. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers?: Record<string, string>,
): Answer {
  return { status, body: { error: { code, message } }, ...(headers && { headers }) };
}

/** Names the first thing that does not fit. */
export function badBody(error: z.ZodError): Answer {
  const [issue] = error.issues;
  const where = issue?.path.join(".");
  return refusal(
    400,
    "bad_body",
    `${where ? `"${where}": ` : ""}${issue?.message ?? "the body does not fit"}`,
  );
}

async function respond(
  routes: Record<string, Handler>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const outcome = await outcomeOf(routes, request).catch((error: unknown) =>
    refusal(500, "internal", error instanceof Error ? error.message : String(error)),
  );
  if (outcome === "reset") {
    request.socket.resetAndDestroy();
    return;
  }
  const { status, body, headers } = outcome;
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

async function outcomeOf(routes: Record<string, Handler>, request: IncomingMessage): Promise<Outcome> {
  const text = await readBody(request);
  if (text === undefined) return refusal(413, "too_large", `a body may have ${maxBodyBytes} bytes`);
  const name = `${request.method} ${request.url}`;
  const handler = routes[name];
  if (!handler) return refusal(404, "no_route", `${name} is none of: ${Object.keys(routes).join(", ")}`);
  const thread = header(request, "x-thread");
  if (thread === undefined)
    return refusal(400, "no_thread", "the header X-Thread must name the ticket's thread");
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch {
    return refusal(400, "bad_json", "the body is not JSON");
  }
  return handler({ thread, key: header(request, "idempotency-key"), body });
}

/** Undefined when it is missing, empty, no percent-encoding, or not to be stored. */
function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  if (typeof value !== "string") return undefined;
  try {
    return storableText.safeParse(decodeURIComponent(value)).data;
  } catch {
    return undefined;
  }
}

/** Undefined when the body is too large; it is read to its end all the same, so that the answer can be heard. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  return bytes <= maxBodyBytes ? Buffer.concat(chunks).toString("utf8") : undefined;
}
