/** What counts as an effect: too little hides a second payment, too much makes the audit a nuisance. */
import * as cp from "node:child_process";
import { execSync } from "node:child_process";
import { START, StateGraph } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { auditGraph } from "#src/audit/index.ts";
import { State, settled } from "./pair.ts";

const seen = (node: (state: State) => unknown) =>
  auditGraph(new StateGraph(State).addNode("work", node as never, settled).addEdge(START, "work")).map(
    ({ trap, seen }) => `${trap}: ${seen}`,
  );

/** Vitest's imports of Node's own are proxies, which the audit leaves alone. */
const { exec } = process.getBuiltinModule("node:child_process");
const { rename, rm } = process.getBuiltinModule("node:fs/promises");

const url = "http://localhost";
const db = { query: async (_: string) => ({}), prepare: (_: string) => ({ run: () => {} }) };
const sql = (..._: unknown[]) => ({});
const apiClient = { post: async (_: string) => ({}) };
const request = (init: object) => fetch(url, { method: "POST", ...init });

test.each([
  [
    "an answer that has a body",
    async () => {
      const answer = await fetch(url);
      const body = await answer.text();
      return { body };
    },
  ],
  [
    "an answer that has a method",
    async () => {
      const { method, body } = (await (await fetch(url)).json()) as Record<string, string>;
      return { log: `${method} ${body}` };
    },
  ],
  [
    "something else that has one",
    async () => ({ log: String([await fetch(url), { kind: "mail", method: "card" }]) }),
  ],
  ["a patch that is no request", () => ({ patch: (n: number) => ({ n }) }).patch(1)],
  ["a row that is there already", () => db.query("INSERT INTO a VALUES (1) ON DUPLICATE KEY UPDATE n = 1")],
  ["a key that the caller hands on", (s: State) => request({ headers: { "Idempotency-Key": s.log } })],
  ["words that sound like SQL", () => db.query("please update the order set for me")],
  ["a regular expression's exec", () => ({ log: /insert/.exec("x")?.[0] ?? "" })],
])("no effect: %s", (_, node) => {
  expect(seen(node)).toEqual([]);
});

const http = "an HTTP request that changes something";
test.each([
  [
    "options in a variable",
    http,
    () => {
      const init = { method: "POST" };
      return fetch(url, init);
    },
  ],
  ["a method that is not known", http, ({ log: method }: State) => fetch(url, { method })],
  ["a client's post", "an HTTP POST or PATCH", () => apiClient.post(url)],
  ["a template of SQL", "a SQL statement that changes something", () => sql`INSERT INTO a VALUES (${1})`],
  ["a prepared one", "a SQL statement that changes something", () => db.prepare("DELETE FROM a").run()],
  ["a command of a module", "a process started", () => cp.execSync("true")],
  ["a command by name", "a process started", () => execSync("true")],
  ["a command that is not waited for", "a process started", () => exec("true")],
  ["a file removed by name", "a file removed or renamed", () => rm("/nowhere")],
  ["a file renamed by name", "a file removed or renamed", () => rename("/nowhere", "/gone")],
  [
    "a request after a division",
    http,
    () => {
      let n = 1;
      const half = n++ / 2;
      return [half, n, fetch(`${url}/a`, { method: "PUT" })];
    },
  ],
])("an effect: %s", (_, effect, node) => {
  expect(seen(node)).toEqual([`bare-effect: ${effect}`]);
});
