/** Errors as Node's fetch and sockets really throw them, then the table of codes. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { classify } from "#src/faults/index.ts";
import { type BrokenServer, closedPort, openBrokenServer } from "./broken-server.ts";
import { thrownBy, verdictOf } from "./thrown-by.ts";

let server: BrokenServer;
let closed: number;
beforeAll(async () => {
  server = await openBrokenServer();
  closed = await closedPort();
});
afterAll(() => server.close());

const get = (kind: string, init?: RequestInit) =>
  fetch(server.url, { headers: { "x-break": kind }, ...init });

describe("what really happens on a socket", () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ["fetch to a closed port", () => fetch(`http://127.0.0.1:${closed}`), "transient econnrefused"],
    ["fetch to a closed port of a name", () => fetch(`http://localhost:${closed}`), "transient econnrefused"],
    ["fetch that is cut off before the answer", () => get("reset"), "transient und_err_socket"],
    ["fetch that is cut off in the body", async () => (await get("cut")).text(), "transient und_err_socket"],
    ["fetch past its time", () => get("hang", { signal: AbortSignal.timeout(20) }), "transient timeout"],
    ["fetch of no URL", () => fetch("no url"), "unexpected err_invalid_url"],
    ["fetch of no scheme known", () => fetch("gopher://127.0.0.1"), "unexpected bug"],
    ["a bare socket", () => once(connect(closed, "127.0.0.1"), "connect"), "transient econnrefused"],
  ])("%s", async (_, work, verdict) => {
    expect(verdictOf(await thrownBy(work))).toBe(verdict);
  });

  test("'fetch failed' alone tells nobody anything: the message names the cause", async () => {
    const fault = classify(await thrownBy(() => fetch(`http://127.0.0.1:${closed}`)));
    expect(fault.message).toBe(`fetch failed: connect ECONNREFUSED 127.0.0.1:${closed}`);
  });
});

const withCode = (code: string) => Object.assign(new Error("it failed"), { code });

test.each([
  "EADDRNOTAVAIL",
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETRESET",
  "ENETUNREACH",
  "ENOTCONN",
  "ENOTFOUND",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ESOCKETTIMEDOUT",
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_SOCKET",
])("%s is transient", (code) => {
  expect(verdictOf(withCode(code))).toBe(`transient ${code.toLowerCase()}`);
});

test.each([
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_INVALID_URL",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UND_ERR_INVALID_ARG",
])("%s is not mended by a retry, not even behind 'fetch failed'", (code) => {
  const error = new TypeError("fetch failed", { cause: withCode(code) });
  expect(verdictOf(error)).toBe(`unexpected ${code.toLowerCase()}`);
});

test("a code that no table knows is unexpected, and prose does not change it", () => {
  expect(verdictOf(withCode("ERR_ASSERTION"))).toBe("unexpected bug");
  expect(verdictOf(new Error("ECONNRESET 503 rate limit timeout Connection terminated"))).toBe(
    "unexpected bug",
  );
});
