/**
 * Every error that fanin throws on purpose. Each says in one line what is wrong, with the value, and what to do about it.
 *
 * @module
 */

import { visible } from "./visible.ts";

/** Characters of a problem that are shown, from its start and from its end. */
const SHOWN = { start: 1500, end: 300 };

/** What all of fanin's errors have in common: `message` is one line, "cause; remedy". */
export class FaninError extends Error {
  /** "FaninError": the class's name, kept through minifiers, is what a program switches on. */
  override readonly name: string = "FaninError";
  /** What is wrong, alone: the message without the remedy. */
  readonly problem: string;
  /** What to do about it, alone. */
  readonly remedy: string;

  /**
   * An error whose message is "cause; remedy".
   *
   * @param cause What is wrong, naming the value; of more than 1,800 characters, those in the middle are left out.
   * @param remedy What to do about it.
   * @param options The standard `cause` of an error, where another error is behind this one.
   */
  constructor(cause: string, remedy: string, options?: ErrorOptions) {
    const [problem, help] = [visible(shortened(cause)), visible(remedy)];
    super(`${problem}; ${help}`, options);
    this.problem = problem;
    this.remedy = help;
  }
}

/** A caller without types can have put a whole array where a number belongs: without its middle, what is wrong still stands at both ends. */
function shortened(text: string): string {
  const { start, end } = SHOWN;
  return text.length <= start + end ? text : `${text.slice(0, start)} … ${text.slice(-end)}`;
}

/** The caller asked for something that cannot be: the base of the errors a command answers with exit status 2. */
export class InputError extends FaninError {
  /** "InputError". */
  override readonly name: string = "InputError";
}

/** An argument, option or name outside its range. */
export class ArgumentError extends InputError {
  /** "ArgumentError". */
  override readonly name: string = "ArgumentError";
}

/** Shapes that do not fit each other, or sizes that are not whole numbers from 0 on. */
export class ShapeError extends InputError {
  /** "ShapeError". */
  override readonly name: string = "ShapeError";
}

/** Elements of another type than the one that is needed. */
export class DtypeError extends InputError {
  /** "DtypeError". */
  override readonly name: string = "DtypeError";
}

/** A file whose content is not what its format says. */
export class FormatError extends InputError {
  /** "FormatError". */
  override readonly name: string = "FormatError";
}

/** A file that cannot be opened, read or written. */
export class FileError extends InputError {
  /** "FileError". */
  override readonly name: string = "FileError";
}

/** WebGPU is missing, or no adapter answers. */
export class NoAdapterError extends FaninError {
  /** "NoAdapterError". */
  override readonly name: string = "NoAdapterError";
}

/** More was asked of the adapter than it has. Nothing was allocated. */
export class LimitError extends FaninError {
  /** "LimitError". */
  override readonly name: string = "LimitError";
}

/** The device ran out of memory. */
export class OutOfMemoryError extends FaninError {
  /** "OutOfMemoryError". */
  override readonly name: string = "OutOfMemoryError";
}

/** The device is gone, with everything on it: destroyed, unplugged, or lost by its driver. */
export class DeviceLostError extends FaninError {
  /** "DeviceLostError". */
  override readonly name: string = "DeviceLostError";
}

/** NaN or an infinity has appeared where it ends what is being done. */
export class NonFiniteError extends FaninError {
  /** "NonFiniteError". */
  override readonly name: string = "NonFiniteError";
}

/** A buffer, program or device was used after it had been disposed of. */
export class DisposedError extends FaninError {
  /** "DisposedError". */
  override readonly name: string = "DisposedError";
}

/** A kernel did not compile, or WebGPU refused how it was used. */
export class KernelError extends FaninError {
  /** "KernelError". */
  override readonly name: string = "KernelError";
  /** The kernel's name. */
  readonly kernel: string;
  /** The whole WGSL text that was compiled. */
  readonly source: string;

  /**
   * An error about a kernel.
   *
   * @param kernel The kernel's name.
   * @param source The WGSL text.
   * @param cause What the compiler or the validation said, with line numbers.
   */
  constructor(kernel: string, source: string, cause: string) {
    super(
      `kernel ${kernel}: ${cause}`,
      "this is a defect of the kernel or of the driver: report it with this line",
    );
    this.kernel = kernel;
    this.source = source;
  }
}
