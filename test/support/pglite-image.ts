/**
 * A PGlite from an image of a fresh database, in memory or in a folder: two seconds instead of seven.
 *
 * The image is made by the first test that needs it and kept in node_modules/.cache, which `npm ci` empties.
 */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";

export async function openPglite(dataDir = "memory://"): Promise<PGlite> {
  return PGlite.create(dataDir, { loadDataDir: new Blob([await image()]) });
}

async function image(): Promise<Buffer<ArrayBuffer>> {
  const installed: { version: string } = JSON.parse(
    await readFile("node_modules/@electric-sql/pglite/package.json", "utf8"),
  );
  const cache = "node_modules/.cache/faultline";
  const file = join(cache, `pglite-${installed.version}.tar`);
  return readFile(file).catch(async () => {
    const db = await PGlite.create("memory://");
    const bytes = Buffer.from(await (await db.dumpDataDir("none")).arrayBuffer());
    await db.close();
    await mkdir(cache, { recursive: true });
    // Test files run in parallel: a rename lets none of them read half an image.
    const own = join(cache, randomUUID());
    await writeFile(own, bytes);
    await rename(own, file);
    return bytes;
  });
}
