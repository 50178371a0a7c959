/**
 * A small model of OTP's supervisor to compare with: processes with pids, one exit message at a time, as stdlib's
 * `supervisor` takes them. Written from its documented behaviour, and on purpose in another way than the kit's rules.
 */
import type { Rules } from "#src/isolation/supervisor/rules.ts";

interface Process {
  readonly name: string;
  /** Undefined: it is not alive. */
  pid: number | undefined;
}

export class OtpSupervisor {
  readonly rules: Rules;
  children: Process[] = [];
  restarts: number[] = [];
  over: false | "restarts_spent" | "shut_down" = false;
  /** Pids that it has terminated, in that order. */
  terminated: number[] = [];
  #pids = 0;

  constructor(rules: Rules) {
    this.rules = rules;
    for (const { name } of rules.children) this.children.push({ name, pid: this.#pids++ });
  }

  pid(name: string): number | undefined {
    return this.children.find((child) => child.name === name)?.pid;
  }

  get alive(): string[] {
    return this.children.flatMap(({ name, pid }) => (pid === undefined ? [] : name));
  }

  exit(pid: number, how: "normal" | "failed", now: number): void {
    const child = this.children.find((one) => one.pid === pid);
    if (child === undefined) return;
    const { restart, significant } = this.#spec(child.name);
    if (restart === "permanent" || (restart === "transient" && how === "failed")) {
      this.#restart(child, now);
      return;
    }
    child.pid = undefined;
    if (restart === "temporary") this.children.splice(this.children.indexOf(child), 1);
    const { autoShutdown } = this.rules;
    const othersLive = this.children.some((one) => one.pid !== undefined && this.#spec(one.name).significant);
    if (
      significant &&
      (autoShutdown === "any_significant" || (autoShutdown === "all_significant" && !othersLive))
    )
      this.#end("shut_down");
  }

  #restart(child: Process, now: number): void {
    child.pid = undefined;
    const { intensity, periodMs, strategy } = this.rules;
    this.restarts = [now, ...this.restarts].filter((then) => now <= then + periodMs);
    if (this.restarts.length > intensity) {
      this.#end("restarts_spent");
      return;
    }
    const from = strategy === "one_for_all" ? 0 : this.children.indexOf(child);
    const affected = strategy === "one_for_one" ? [child] : this.children.slice(from);
    this.#terminate(affected);
    for (const one of affected) if (this.children.includes(one)) one.pid = this.#pids++;
  }

  #end(why: "restarts_spent" | "shut_down"): void {
    this.over = why;
    this.#terminate([...this.children]);
  }

  #terminate(children: Process[]): void {
    for (const child of children.reverse()) {
      if (child.pid !== undefined) this.terminated.push(child.pid);
      child.pid = undefined;
      if (this.#spec(child.name).restart === "temporary")
        this.children.splice(this.children.indexOf(child), 1);
    }
    children.reverse();
  }

  #spec(name: string) {
    const spec = this.rules.children.find((child) => child.name === name);
    if (spec === undefined) throw new Error(`no child ${name}`);
    return spec;
  }
}
