/**
 * How many bytes of buffers a piece of code asks for: a reader that believes a header asks for more than its file can hold.
 *
 * @module
 */

const VIEWS = [
  ...[Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, Float32Array, Float64Array],
  ...[BigInt64Array, BigUint64Array],
] as const;

/** The bytes that a constructor's argument makes it allocate; a view of a buffer that exists takes none. */
function asked(argument: unknown, bytesEach: number): number {
  if (typeof argument === "number") return argument * bytesEach;
  if (argument instanceof ArrayBuffer || argument instanceof SharedArrayBuffer) return 0;
  const { length } = (argument ?? { length: 0 }) as { length?: number };
  return (length ?? 0) * bytesEach;
}

/**
 * Runs something and counts the bytes of all buffers and typed arrays that it makes, by constructor or by `slice`.
 *
 * @param run What; it must not wait.
 */
export function bytesAllocated(run: () => void): number {
  let bytes = 0;
  const scope = globalThis as unknown as Record<string, unknown>, before: [string, unknown][] = [];
  const replace = (name: string, bytesEach: number) => {
    const original = scope[name] as new (...args: unknown[]) => object;
    before.push([name, original]);
    scope[name] = new Proxy(original, {
      construct(target, args, newTarget) {
        bytes += asked(args[0], bytesEach);
        return Reflect.construct(target, args, newTarget === scope[name] ? target : newTarget);
      },
    });
  };
  const slices = VIEWS.map((view) => {
    const prototype = view.prototype as unknown as { slice: (...args: unknown[]) => { byteLength: number } };
    const { slice } = prototype;
    prototype.slice = function (...args: unknown[]) {
      const copy = slice.apply(this, args);
      bytes += copy.byteLength;
      return copy;
    };
    return () => prototype.slice = slice;
  });
  for (const view of VIEWS) replace(view.name, view.BYTES_PER_ELEMENT);
  replace("ArrayBuffer", 1);
  try {
    run();
  } finally {
    for (const [name, original] of before) scope[name] = original;
    for (const restore of slices) restore();
  }
  return bytes;
}
