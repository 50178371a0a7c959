import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadEnv } from "#graphs/order-desk/env.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const names = ["FAULTLINE_SET", "FAULTLINE_EMPTY", "FAULTLINE_NEW"];
const forget = () => {
  for (const name of names) delete process.env[name];
};
beforeEach(forget);
afterEach(forget);

async function envFile(text: string): Promise<string> {
  const file = join(await temporaryFolder(), ".env");
  await writeFile(file, text);
  return file;
}

test("a variable that is set already is not overwritten by the file, not even an empty one", async () => {
  process.env.FAULTLINE_SET = "from the shell";
  process.env.FAULTLINE_EMPTY = "";
  loadEnv(await envFile(names.map((name) => `${name}=from the file\n`).join("")));
  expect(names.map((name) => process.env[name])).toEqual(["from the shell", "", "from the file"]);
});

test("a clone without the file starts", async () => {
  const folder = await temporaryFolder();
  expect(() => loadEnv(join(folder, ".env"))).not.toThrow();
});

test("a file that cannot be read is one clear line, not a start without its variables", async () => {
  const file = join(await temporaryFolder(), ".env");
  await mkdir(file);
  expect(() => loadEnv(file)).toThrow(
    `${file} cannot be read: make it a file that this user may read, or take it away.`,
  );
});

const orderDesk = fileURLToPath(new URL("../../graphs/order-desk", import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** Runs Node in a folder whose `.env` names a database that cannot be, and nothing else does. */
async function inFolderWithEnv(args: string[]): Promise<{ code: number; stderr: string }> {
  const file = await envFile("DATABASE_URL=mysql://from-the-file\n");
  const { DATABASE_URL: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", tsx, ...args],
      { cwd: join(file, ".."), env, timeout: 25_000 },
      (error, _out, stderr) => resolve({ code: Number(error?.code ?? 0), stderr }),
    );
  });
}

test("npm start takes the database that .env names, not the embedded one", async () => {
  const { code, stderr } = await inFolderWithEnv([join(orderDesk, "cli/main.ts")]);
  expect(stderr).toContain("DATABASE_URL");
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(code).toBe(2);
});

test("Studio's resources take the database that .env names", async () => {
  const script = `
    const { resourcesFromEnv } = await import(${JSON.stringify(pathToFileURL(join(orderDesk, "resources.ts")).href)});
    await resourcesFromEnv().catch((error) => { console.error(error.message); process.exit(7); });`;
  const { code, stderr } = await inFolderWithEnv(["--input-type=module", "-e", script]);
  expect(stderr).toContain("DATABASE_URL");
  expect(code).toBe(7);
});
