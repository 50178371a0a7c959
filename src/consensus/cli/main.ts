/** `npm run reliability`: what each weapon makes of a workflow of many steps. Formulas, printed and plotted. */
import { FlagError, help, readFlags } from "./flags.ts";
import { report } from "./report.ts";

try {
  const question = readFlags(process.argv.slice(2));
  const { columns = 80, isTTY } = process.stdout;
  const colour = isTTY === true && !process.env.NO_COLOR;
  process.stdout.write(question === "help" ? help : report(question, { width: columns, colour }));
} catch (error) {
  if (!(error instanceof FlagError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
