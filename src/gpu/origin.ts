/**
 * Where in a program something was made, for warnings.
 *
 * @module
 */

/** What every file of this library begins with; a bundle has one file, and no frame outside of it. */
const LIBRARY = new URL("../", import.meta.url).href;

/**
 * The place of the first call that came from outside this library, as "file:///train.ts:12:9".
 *
 * @param made An error that was made in the call; formatting its stack is left until now, since it costs more than making it.
 * @returns The place; of the outermost known call where all are the library's own, as in a bundle.
 */
export function originOf(made: Error): string {
  const places = (made.stack ?? "").split("\n").flatMap((line) =>
    /((?:\w+:\/\/|\/)[^\s()]+:\d+)\)?$/.exec(line)?.[1] ?? []
  );
  return places.find((place) => !place.startsWith(LIBRARY)) ?? places.at(-1) ?? "an unknown place";
}
