/** `npm run reliability`: what each weapon makes of a workflow of many steps. Formulas, printed and plotted. */
import pc from "picocolors";
import { FlagError, help, readFlags } from "./flags.ts";
import { report } from "./report.ts";

try {
  const question = readFlags(process.argv.slice(2));
  const { columns: width = 80 } = process.stdout;
  const colour = pc.isColorSupported;
  process.stdout.write(question === "help" ? help : report(question, { width, colour }));
} catch (error) {
  if (!(error instanceof FlagError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
