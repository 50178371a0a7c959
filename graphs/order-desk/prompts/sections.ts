/**
 * Sections of a prompt: `<ticket>…</ticket>`. What a customer or a tool wrote stands inside one, so that the
 * model can tell data from instructions. Used by the builders of this folder; the stand-in reads them back.
 */

/** One section. Tags inside `value` are defused, so that data can neither end its own section nor begin another one. */
export function section(name: string, value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
  return `<${name}>\n${text.replaceAll(tag, "< ")}\n</${name}>`;
}

const tag = /<(?=\/?[a-z_]+\s*>)/gi;
const defused = /< (?=\/?[a-z_]+\s*>)/gi;

/** What stands in a section of `prompt`, or undefined when it has none of that name. */
export function readSection(prompt: string, name: string): string | undefined {
  const start = prompt.indexOf(`<${name}>\n`);
  const end = prompt.indexOf(`\n</${name}>`, start);
  if (start < 0 || end < 0) return undefined;
  return prompt.slice(start + name.length + 3, end).replaceAll(defused, "<");
}

/** The same for a section that holds JSON. @throws SyntaxError when it holds something else. */
export function readJsonSection(prompt: string, name: string): unknown {
  const text = readSection(prompt, name);
  return text === undefined ? undefined : JSON.parse(text);
}
