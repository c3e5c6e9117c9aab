/**
 * Many steps as command buffers that stay short.
 *
 * @module
 */

/**
 * Steps in one command buffer. Deno uses the memory of a finished one again, and first resets all of it: after thousands of passes in one,
 * every later submit that got it took up to 5 ms, however short.
 */
const MOST_STEPS = 256;

/**
 * Encodes steps, in order, to be submitted together.
 *
 * @param device Where they will run.
 * @param label Name for errors and profilers.
 * @param steps All of them; none gives no command buffer.
 * @param encode Puts some of them into a command buffer.
 */
export function commandBuffers<S>(
  device: GPUDevice,
  label: string,
  steps: readonly S[],
  encode: (encoder: GPUCommandEncoder, some: readonly S[]) => void,
): GPUCommandBuffer[] {
  const buffers: GPUCommandBuffer[] = [];
  for (let first = 0; first < steps.length; first += MOST_STEPS) {
    const encoder = device.createCommandEncoder({ label });
    encode(encoder, steps.slice(first, first + MOST_STEPS));
    buffers.push(encoder.finish());
  }
  return buffers;
}
