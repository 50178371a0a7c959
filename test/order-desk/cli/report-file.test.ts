import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkReportFile } from "#graphs/order-desk/cli/report-file.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("a report never takes the place of a link or a device", async () => {
  const folder = await temporaryFolder();
  const link = join(folder, "link.json");
  await writeFile(join(folder, "target.json"), "[]");
  await symlink(join(folder, "target.json"), link);
  await expect(checkReportFile(link)).rejects.toThrow(/link\.json: it is no plain file; name a file/);
  await expect(checkReportFile("/dev/null")).rejects.toThrow(/no plain file/);
});

test("a report may replace an older one, and be new", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "report.json");
  await checkReportFile(file);
  await writeFile(file, "[]");
  await checkReportFile(file);
});
