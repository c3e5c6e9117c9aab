/**
 * Where in a program something was made, for warnings.
 *
 * @module
 */

/** A place at the end of a frame: "file:///train.ts:12:9". */
const PLACE = /((?:\w+:\/\/|\/)[^\s()]+):(\d+:\d+)\)?$/;

/**
 * The place of the first call that came from outside this library, as "file:///train.ts:12:9".
 *
 * @param made An error that was made in the call; formatting its stack is left until now, since it costs more than making it.
 * @returns The place; of the outermost known call where all are in one file, as in a bundle.
 */
export function originOf(made: Error): string {
  const library = libraryOf(framesOf(new Error())[0]?.file ?? "");
  const frames = framesOf(made);
  const { file, at } = frames.find((frame) => !frame.file.startsWith(library)) ?? frames.at(-1) ?? UNKNOWN;
  return at === "" ? file : `${file}:${at}`;
}

interface Frame {
  readonly file: string;
  /** Line and column. */
  readonly at: string;
}

const UNKNOWN: Frame = { file: "an unknown place", at: "" };

function framesOf({ stack = "" }: Error): Frame[] {
  return stack.split("\n").flatMap((line) => {
    const [, file, at] = PLACE.exec(line) ?? [];
    return file === undefined ? [] : [{ file, at }];
  });
}

/** What every file of this library begins with, from the name of this one: not by `import.meta`, which classic scripts do not parse. */
function libraryOf(thisFile: string): string {
  return thisFile.replace(/gpu\/origin\.\w+$/, "");
}
