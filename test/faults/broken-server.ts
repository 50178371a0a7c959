/** An HTTP server on loopback that fails in the way that the request's X-Break header asks for. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";

export interface BrokenServer {
  url: string;
  close(): Promise<void>;
}

/** Answer headers that come with every status. */
export const retryHeaders = { "retry-after": "2", "retry-after-ms": "1500" };

const breaks: Record<string, (response: ServerResponse) => void> = {
  reset: (response) => response.socket?.destroy(),
  hang: () => {},
  cut: (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "500" });
    response.write('{"half":', () => response.socket?.destroy());
  },
  "bad json": (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end('{"half":');
  },
  html: (response) => {
    response.writeHead(502, { "content-type": "text/html" });
    response.end("<html>Bad Gateway</html>");
  },
  "error in stream": (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end('data: {"error":{"message":"it broke","type":"server_error","code":null}}\n\n');
  },
  "says no": (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const message = { role: "assistant", content: "I would rather not" };
    response.end(
      JSON.stringify({ id: "1", object: "chat.completion", model: "m", choices: [{ index: 0, message }] }),
    );
  },
};

/** A break is a key of the table above, or a status, or `status code`, such as "429 insufficient_quota". */
export async function openBrokenServer(): Promise<BrokenServer> {
  const server = createServer((request, response) => {
    const wanted = String(request.headers["x-break"]);
    const special = breaks[wanted];
    if (special !== undefined) return special(response);
    const [status, code = null] = wanted.split(" ");
    response.writeHead(Number(status), { "content-type": "application/json", ...retryHeaders });
    response.end(JSON.stringify({ error: { message: wanted, code, type: null } }));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

/** A port on loopback where nothing listens: it was ours a moment ago. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
