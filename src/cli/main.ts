/**
 * The command line: `fanin COMMAND [options]`.
 *
 * Exit status: 0 done, 1 failed while running, 2 wrong use or bad input. An error is one line on standard error.
 *
 * @example Run a command from a program
 * ```ts
 * import { main } from "@fanin/fanin/cli";
 *
 * console.log(await main(["--version"])); // the version, then 0: the exit status
 * ```
 *
 * @module
 */
import { ArgumentError, FaninError, InputError } from "../gpu/errors.ts";
import { plain } from "../report/format.ts";
import { VERSION } from "../version.ts";
import { printResult, say } from "./console.ts";
import { prepareDriver } from "./driver_environment.ts";

/** A command: what it does, for the list, and how it runs. */
interface Command {
  readonly summary: string;
  /** Loaded on demand: `doctor` needs no chart library. Gives the exit status. */
  readonly run: (args: string[]) => Promise<number>;
}

const COMMANDS: Record<string, Command> = {
  init: {
    summary: "write initial weights, or the recipe for them; make them again from either",
    run: async (args) => await (await import("./init.ts")).init(args),
  },
  compare: {
    summary: "train one network from several initialisations and say which can learn",
    run: async (args) => await (await import("./compare.ts")).compare(args),
  },
  diagnose: {
    summary: "judge a checkpoint, or a network not trained yet",
    run: async (args) => await (await import("./diagnose.ts")).diagnose(args),
  },
  train: {
    summary: "train a multilayer perceptron",
    run: async (args) => await (await import("./train.ts")).train(args),
  },
  doctor: {
    summary: "name the adapter and its limits, and test that it computes right",
    run: async (args) => await (await import("./doctor.ts")).doctor(args),
  },
  bench: {
    summary: "measure this machine",
    run: async (args) => await (await import("./bench.ts")).bench(args),
  },
  bits: {
    summary: "write random words as raw bytes, for programs that test randomness",
    run: async (args) => await (await import("./bits.ts")).bits(args),
  },
};

/**
 * Runs a command.
 *
 * @param args The command's name and its arguments.
 * @returns The exit status.
 */
export async function main(args: string[]): Promise<number> {
  prepareDriver();
  const [name, ...rest] = args;
  try {
    if (name === undefined) {
      say(usage());
      return 2;
    }
    if (["help", "--help", "-h"].includes(name)) {
      printResult(usage());
      return 0;
    }
    if (["version", "--version", "-V"].includes(name)) {
      printResult(VERSION);
      return 0;
    }
    if (!Object.hasOwn(COMMANDS, name)) {
      throw new ArgumentError(`unknown command "${name}"`, `use one of ${Object.keys(COMMANDS).join(", ")}`);
    }
    return await COMMANDS[name].run(rest);
  } catch (error) {
    report(error, rest.includes("--verbose"));
    return error instanceof InputError ? 2 : 1;
  }
}

function usage(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(8)}  ${summary}`);
  return ["usage: fanin COMMAND [options]", "", ...rows, "", "fanin COMMAND --help lists its options."].join(
    "\n",
  );
}

function report(error: unknown, verbose: boolean): void {
  if (verbose && error instanceof Error) {
    say(error.stack ?? error.message);
  } else if (error instanceof FaninError) {
    say(`error: ${plain(error.message)}`);
  } else {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    say(`error: ${plain(text)}; this was not foreseen: run again with --verbose and report it`);
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
