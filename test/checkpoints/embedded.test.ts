import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { openPersistence } from "#checkpoints/index.ts";
import { startChild } from "../support/child-process.ts";
import { openPglite } from "../support/pglite-image.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const writer = "test/checkpoints/processes/write-rows.ts";

/** A data folder as a finished first start leaves it, without the seconds that one takes. */
async function usedFolder(): Promise<string> {
  const folder = join(await temporaryFolder(), "pg");
  await (await openPglite(folder)).close();
  return folder;
}

// Several of these start a database, which takes seconds of CPU.
describe("the embedded database", { timeout: 120_000 }, () => {
  test("refuses a second process while the first lives, and loses nothing when that is killed", async () => {
    const folder = await usedFolder();
    const child = startChild(writer, [folder]);
    await child.printed("wrote 20.");
    await expect(openPersistence({ databaseUrl: "", dataDir: folder })).rejects.toThrow(
      `The data folder ${folder} is in use by process ${child.pid}. End that process,`,
    );
    await child.kill();
    const acknowledged = [...child.output().matchAll(/wrote (\d+)\./g)].map((match) => Number(match[1]));

    const persistence = await openPersistence({ databaseUrl: "", dataDir: folder });
    const { rows } = await persistence.pool.query<{ n: number }>("SELECT n FROM written ORDER BY n");
    await persistence.close();
    expect(rows.slice(0, acknowledged.length).map((row) => row.n)).toEqual(acknowledged);
  });

  test("killed during its first start begins anew, and shows what it does", async () => {
    const folder = join(await temporaryFolder(), "pg");
    const child = startChild(writer, [folder]);
    await child.printed("Creating the embedded Postgres");
    await vi.waitUntil(() => existsSync(join(folder, "PG_VERSION")), { timeout: 30_000, interval: 1 });
    await child.kill();
    expect(child.output()).not.toContain("wrote");

    const lines: string[] = [];
    const persistence = await openPersistence({
      databaseUrl: "",
      dataDir: folder,
      onProgress: (line) => lines.push(line),
    });
    await persistence.close();
    expect(lines).toEqual([expect.stringContaining(`Creating the embedded Postgres in ${folder}`)]);
    expect(existsSync(`${folder}.unfinished`)).toBe(false);
  });

  test("leaves a folder alone that holds something else", async () => {
    const folder = join(await temporaryFolder(), "pg");
    await mkdir(folder);
    await writeFile(join(folder, "thesis.txt"), "years of work");
    await expect(openPersistence({ databaseUrl: "", dataDir: folder })).rejects.toThrow(
      `The data folder ${folder} holds files, but no Postgres database.`,
    );
    expect(existsSync(join(folder, "thesis.txt"))).toBe(true);
  });

  test("says which folder it may not make", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "");
    await expect(openPersistence({ databaseUrl: "", dataDir: join(file, "pg") })).rejects.toThrow(
      `The data folder ${file}/pg cannot be used: ENOTDIR`,
    );
  });

  test("says which database it cannot open, and lets go of the folder", async () => {
    const folder = join(await temporaryFolder(), "pg");
    await mkdir(folder);
    await writeFile(join(folder, "PG_VERSION"), "18\n");
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(openPersistence({ databaseUrl: "", dataDir: folder })).rejects.toThrow(
        `The embedded Postgres in ${folder} cannot be opened`,
      );
    }
  });
});
