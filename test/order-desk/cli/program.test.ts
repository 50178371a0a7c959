/** The program itself, as processes of their own. They are slow, so what a unit can show is not shown here again. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { emptyCheckpoint } from "@langchain/langgraph-checkpoint";
import { afterAll, expect, test } from "vitest";
import { openPersistence } from "#checkpoints/index.ts";
import { type Child, startChild, startSource } from "../../support/child-process.ts";
import { describePostgres, freshSchema, runSql } from "../../support/database.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const main = "graphs/order-desk/cli/main.ts";
/** Vitest forces colours on its children where it runs on a terminal, and Node warns where both settings are there. */
const plainly = { FORCE_COLOR: "0", NODE_NO_WARNINGS: "1", OPENAI_API_KEY: "" };
const slow = 60_000;

async function ended(child: Child): Promise<{ code: number | null; output: string }> {
  return { code: await child.ended, output: child.output() };
}

test(
  "a command line that cannot be obeyed is one line and exit code 2, without a database",
  async () => {
    const env = { ...plainly, DATABASE_URL: "postgres://nobody@127.0.0.1:9/nothing" };
    expect(await ended(startSource(main, ["--faults", "model=2"], env))).toEqual({
      code: 2,
      output: "--faults model=2 must be a share of calls from 0 to 1, such as model=0.1\n",
    });
  },
  slow,
);

test(
  "a database that cannot be opened is one line and exit code 2",
  async () => {
    const env = { ...plainly, DATABASE_URL: "postgres://nobody@127.0.0.1:9/nothing" };
    const { code, output } = await ended(startChild(main, [], env));
    expect(code).toBe(2);
    expect(output).toContain("127.0.0.1:9");
    expect(output).not.toMatch(/\n\s+at /);
  },
  slow,
);

describePostgres("the program", (url) => {
  const schema = freshSchema();
  afterAll(() => runSql(url, `DROP SCHEMA IF EXISTS "${schema}" CASCADE`));
  const start = (...words: string[]) =>
    startChild(main, [...words, "--schema", schema], { ...plainly, DATABASE_URL: url });

  test.each(["history", "resume"])(
    "%s of a thread whose key is not set is one line and exit code 1",
    async (command) => {
      const encryptionKey = Buffer.alloc(32, 1).toString("base64");
      const { saver, close } = await openPersistence({ databaseUrl: url, schema, encryptionKey });
      const config = { configurable: { thread_id: "sealed", checkpoint_ns: "" } };
      const checkpoint = { ...emptyCheckpoint(), channel_values: { ticket: "secret" } };
      checkpoint.channel_versions = { ticket: 1 };
      await saver.put(config, checkpoint, { source: "input", step: -1, parents: {} }, { ticket: 1 });
      await close();
      const { code, output } = await ended(start(command, "sealed"));
      expect(output).toMatch(
        /^.*Thread sealed cannot be read: .*Set FAULTLINE_ENCRYPTION_KEY to that key\.$/m,
      );
      expect(output).not.toMatch(/\n\s+at /);
      expect(code).toBe(1);
    },
    slow,
  );

  test(
    "runs its own tickets, leaves a question open, and another process answers it",
    async () => {
      const folder = await temporaryFolder();
      const file = join(folder, "tickets.json");
      const report = join(folder, "report.json");
      const own: { id: string }[] = JSON.parse(await readFile("graphs/order-desk/data/tickets.json", "utf8"));
      const chosen = own.filter(({ id }) =>
        ["address-malformed-answer", "which-one", "broken-books"].includes(id),
      );
      await writeFile(file, JSON.stringify(chosen));

      const run = await ended(
        start("--tickets", file, "--model", "rules", "--thread", "p", "--report", report),
      );
      expect(run.code, run.output).toBe(0);
      expect(run.output).toContain("mended by the model");
      expect(run.output).toContain("✓ Proof, from the database");
      expect(run.output).toContain(
        `npm start -- resume p-which-one --schema ${schema} --model rules --answer "…"`,
      );
      expect(run.output).not.toContain("\u001b");
      const reports: { id: string; outcome: string; changed: object; faults: object }[] = JSON.parse(
        await readFile(report, "utf8"),
      );
      expect(reports.map(({ id, outcome, faults }) => [id, outcome, faults])).toEqual([
        ["address-malformed-answer", "resolved", { "llm-recoverable": 1 }],
        ["which-one", "asked", { "user-fixable": 1 }],
        ["broken-books", "failed", { unexpected: 1 }],
      ]);
      expect(reports.map(({ changed }) => Object.keys(changed))).toEqual([["orders", "users"], [], []]);

      const answered = await ended(
        start("resume", "p-which-one", "--model", "rules", "--answer", "The rear one."),
      );
      expect(answered.code, answered.output).toBe(0);
      expect(answered.output).toContain("a person says: The rear one.");
      expect(answered.output).toContain("└ resolved");

      const past = await ended(start("history", "p-which-one"));
      expect(past.code, past.output).toBe(0);
      expect(past.output).toMatch(/planning\/planner.*user-fixable planner_question → ask_customer/);
      expect(past.output).toMatch(/fulfilment\/act/);
    },
    3 * slow,
  );

  test(
    "stopped by a signal ends after a step, and another process goes on",
    async () => {
      const child = start("--model", "rules", "--thread", "s");
      await child.printed("thread s-cancel");
      process.kill(child.pid, "SIGINT");
      const stopped = await ended(child);
      expect(stopped.code, stopped.output).toBe(130);
      expect(stopped.output).toContain("1 stopped, 12 not begun");

      const resumed = await ended(start("resume", "s-cancel", "--model", "rules"));
      expect(resumed.code, resumed.output).toBe(0);
      expect(resumed.output).toContain("└ resolved");
    },
    2 * slow,
  );
});
