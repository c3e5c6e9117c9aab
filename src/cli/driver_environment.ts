/**
 * What graphics drivers are told by environment variables: not to talk into a command's output, and to use every core.
 *
 * @module
 */

/**
 * Sets both variables where the user has not. Drivers read them when the process first asks for an adapter: it is to be called before.
 *
 * Without the permission for a variable it stays as it is: that costs two superfluous lines, or some speed.
 */
export function prepareDriver(): void {
  if (Deno.build.os !== "linux") return;
  for (const prepare of [quiet, spread]) {
    try {
      prepare();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotCapable)) throw error;
    }
  }
}

/**
 * Gives `XDG_RUNTIME_DIR` a value where it has no usable one. On a machine without a desktop the drivers otherwise print
 * `error: XDG_RUNTIME_DIR is invalid or not set in the environment.`, twice, on standard error.
 */
function quiet(): void {
  if (!isFolder(Deno.env.get("XDG_RUNTIME_DIR"))) Deno.env.set("XDG_RUNTIME_DIR", temporaryFolder());
}

/**
 * Gives Mesa's software driver two threads a core. It has one, cuts every dispatch into as many equal parts, and waits for the last: where
 * Linux wakes two of its threads on one core, as it does for minutes on end, the other core idles through every dispatch that takes less
 * than a scheduler's tick. Of twice as many threads some are on each core (bench/LOG.md has the figures). No GPU's driver reads it.
 */
function spread(): void {
  if (!Deno.env.get("LP_NUM_THREADS")) {
    Deno.env.set("LP_NUM_THREADS", String(2 * navigator.hardwareConcurrency));
  }
}

/** A folder that exists: the drivers only look for a desktop's socket in it, and find none. */
function temporaryFolder(): string {
  return [Deno.env.get("TMPDIR"), "/tmp", "/"].find(isFolder) ?? "/";
}

function isFolder(path: string | undefined): path is string {
  if (!path) return false;
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}
