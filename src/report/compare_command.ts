/**
 * The command that makes a comparison again.
 *
 * @module
 */

import type { Comparison } from "../diagnose/comparison.ts";

const BUNDLED = ["digits", "iris"];

/**
 * The command line of a comparison, quoted for a POSIX shell.
 *
 * @param c The comparison.
 */
export function compareCommand(c: Comparison): string {
  const options: [string, string][] = [
    ["inits", c.runs.map((run) => run.init).join(",")],
    data(c.data),
    ["layers", c.layers.join(",")],
    ...optimizer(c.optimizer),
    ["activation", c.activation],
    ["batch", String(c.batch)],
    ["epochs", String(c.epochs)],
    ["seed", c.seed],
    ...c.seeds === undefined ? [] : [["seeds", `${c.seeds.seeds.length}`] as [string, string]],
    ["generator", c.generator],
    ["out", "report.html"],
  ];
  return [
    "fanin compare",
    ...options.map(([name, value]) => value === "" ? `--${name}` : `--${name} ${quote(value)}`),
  ]
    .join(" ");
}

function data(name: string): [string, string] {
  if (BUNDLED.includes(name)) return ["data", name];
  return [name.endsWith(".npy") ? "features" : "csv", name];
}

/** "sgd lr 0.05 momentum 0.9 nesterov" as options: a word followed by a number is an option with a value. */
function optimizer(words: string): [string, string][] {
  const [name, ...rest] = words.trim().split(/\s+/);
  const options: [string, string][] = [["optimizer", name]];
  let pending: string[] = [];
  const flag = (): void => {
    if (pending.length > 0) options.push([pending.join("-"), ""]);
    pending = [];
  };
  for (const word of rest) {
    if (Number.isNaN(Number(word))) {
      if (word === "nesterov") flag();
      pending.push(word);
      if (word === "nesterov") flag();
    } else {
      options.push([pending.join("-") || "lr", word]);
      pending = [];
    }
  }
  flag();
  return options;
}

function quote(value: string): string {
  return /^[\w.,:=+/@%-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}
