import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_SECOND = 100; // of Linux, everywhere

/** Processor time of a process and of all below it, in ms by process number. Linux alone. */
export function processorTimes(root: number): Map<number, number> {
  const times = new Map<number, { parent: number; ms: number }>();
  for (const name of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      // (the second field, a name in parentheses, may have spaces)
      const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)!.split(" ");
      const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
      times.set(Number(name), { parent, ms: ((user + system) * 1000) / TICKS_PER_SECOND });
    } catch {
      continue; // (it has ended)
    }
  }
  const isBelow = (pid: number): boolean => pid === root || (times.has(pid) && isBelow(times.get(pid)!.parent));
  return new Map([...times].filter(([pid]) => isBelow(pid)).map(([pid, { ms }]) => [pid, ms]));
}

/** What was spent since, in ms, by processes that are there now. */
export function spentSince(before: ReadonlyMap<number, number>, root: number): number {
  let sum = 0;
  for (const [pid, ms] of processorTimes(root)) sum += ms - (before.get(pid) ?? 0);
  return sum;
}

/** Whether this process, and those that it starts, come before all that are not of real time. Linux alone. */
export function comesFirst(): boolean {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)!.split(" ");
  return Number(fields[37]) > 0; // (its priority among those of real time)
}
