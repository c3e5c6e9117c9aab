/**
 * Files: read whole with a clear error, written whole or not at all.
 *
 * @module
 */
import { basename, dirname, join } from "@std/path";
import { statfs } from "node:fs/promises";
import { FaninError, FileError, FormatError, InputError } from "../gpu/errors.ts";

/**
 * Reads a file.
 *
 * @param path Where.
 * @throws {FileError} when it cannot be read.
 */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The error of a file that cannot be read.
 *
 * @param path Which.
 * @param error What the system said.
 */
export function unreadable(path: string, error: unknown): FileError {
  return new FileError(`cannot read ${path}: ${reason(error)}`, "name a file that can be read", {
    cause: error,
  });
}

/**
 * Reads a text file in UTF-8.
 *
 * @param path Where.
 * @throws {FileError} when it cannot be read or is no UTF-8.
 */
export async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new FileError(`${path} is no text in UTF-8`, "convert it", { cause: error });
  }
}

/**
 * Writes a file under a temporary name beside its place, flushes it, and renames it: whoever reads the name finds the old
 * file or the whole new one, never a part.
 *
 * @param path Where to.
 * @param chunks Its content, in order; each is written before the next is asked for.
 * @throws {FileError} when it cannot be written; a file that was there is as it was. What the chunks' maker throws on purpose is
 *   thrown on.
 */
export async function writeWhole(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = temporaryBeside(path);
  try {
    using file = await Deno.open(temporary, { write: true, createNew: true });
    for await (const chunk of chunks) {
      for (let done = 0; done < chunk.length;) done += await file.write(chunk.subarray(done));
    }
    await file.sync();
    await Deno.rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // it may never have been made
    throw error instanceof FaninError ? error : unwritable(path, error);
  }
}

/** The new name, too, outlives a loss of power; where a system cannot flush a folder, the file is there all the same. */
async function syncFolder(folder: string): Promise<void> {
  try {
    using opened = await Deno.open(folder);
    await opened.sync();
  } catch {
    // Windows opens no folders
  }
}

/**
 * Removes what a process that was killed in the midst of {@linkcode writeWhole} has left beside a file.
 *
 * @param path The file, which stays.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const begin = `.${basename(path)}.`, folder = dirname(path);
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      const middle = name.startsWith(begin) ? name.slice(begin.length) : "";
      if (isFile && /^[0-9a-f]{8}\.tmp$/.test(middle)) await Deno.remove(join(folder, name));
    }
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * Checks before long work that its result can be written.
 *
 * @param path Where to, later.
 * @throws {FileError} when its folder is missing or takes no file, or it is a folder or a device itself.
 */
export async function assertWritable(path: string): Promise<void> {
  const folder = dirname(path);
  if (!(await statOrNull(folder, path))?.isDirectory) {
    throw new FileError(`cannot write ${path}: there is no folder ${folder}`, "make it first");
  }
  const there = await statOrNull(path, path);
  // A device such as /dev/null would be replaced by a file.
  if (there !== null && !there.isFile) {
    throw new FileError(
      `cannot write ${path}: it is a ${there.isDirectory ? "folder" : "device"}`,
      "name a file",
    );
  }
  const temporary = temporaryBeside(path);
  try {
    (await Deno.open(temporary, { write: true, createNew: true })).close();
    await Deno.remove(temporary);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** What a path leads to, if anything; without Deno's permission to look, the error of a file that cannot be written. */
async function statOrNull(path: string, target: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw unwritable(target, error);
    return null;
  }
}

/**
 * Checks that a disk has room for a file, so that a large one is refused before it is made.
 *
 * @param path Where to, later.
 * @param bytes Its size.
 * @throws {FileError} when less is free.
 */
export async function assertRoom(path: string, bytes: number): Promise<void> {
  const disk = await statfs(dirname(path)).catch(() => null); // not every system says
  const free = disk === null ? Infinity : disk.bavail * disk.bsize;
  if (bytes > free) {
    throw new FileError(
      `cannot write ${path}: it takes ${bytes} bytes and the disk has ${free} left`,
      "make room, or write a part with --range",
    );
  }
}

/**
 * Runs a parser so that its errors name the file.
 *
 * @param path The file.
 * @param parse Reads its content; an error of it that begins with the file's name and a colon is left as it is.
 * @throws {FormatError} what the parser throws for the sake of the content, with the path before it.
 */
export function naming<T>(path: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof InputError) || error.message.startsWith(`${basename(path)}: `)) throw error;
    throw new FormatError(`${path}: ${error.problem}`, error.remedy, { cause: error });
  }
}

function temporaryBeside(path: string): string {
  return join(dirname(path), `.${basename(path)}.${crypto.randomUUID().slice(0, 8)}.tmp`);
}

function unwritable(path: string, error: unknown): FileError {
  return new FileError(`cannot write ${path}: ${reason(error)}`, "name a place that can be written to", {
    cause: error,
  });
}

/** The system's reason, without its number and the path that Deno repeats. */
export function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file or folder";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error instanceof Error ? error.message.split(" (os error ")[0] : String(error);
}
