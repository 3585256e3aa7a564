/** The worker's side of the conversation: frames in and out on descriptor 3, nothing on standard output or error, ever. */
import { Socket } from 'node:net';
import { FrameDecoder, MAX_FRAME_FROM_WORKER, MAX_FRAME_TO_WORKER, encodeFrame } from '#contract/frame.ts';
import { Answer } from '#contract/job.ts';

export const PROTOCOL_DESCRIPTOR = 3;

export interface Conversation {
  /** The next frame, in the order they came. One reader at a time. */
  next(): Promise<unknown>;
  /** Resolves when the bytes are handed to the kernel. Throws where the answer breaks its schema or its size cap. */
  send(answer: Answer): Promise<void>;
}

/**
 * @param end called once, at the end of file or at a frame that is cut off, too long or not JSON. Called at once, also
 *   while a job runs: a worker must not outlive the server that asked for the job
 */
export function openConversation(descriptor: number, end: () => void): Conversation {
  const socket = new Socket({ fd: descriptor, readable: true, writable: true });
  const decoder = new FrameDecoder(MAX_FRAME_TO_WORKER);
  const waiting: ((frame: unknown) => void)[] = [];
  const arrived: unknown[] = [];
  socket.on('data', (piece) => {
    try {
      for (const frame of decoder.push(piece as Uint8Array)) {
        const reader = waiting.shift();
        if (reader === undefined) arrived.push(frame);
        else reader(frame);
      }
    } catch {
      end();
    }
  });
  socket.on('end', end);
  socket.on('error', end);
  return {
    next: () => new Promise((resolve) => {
      if (arrived.length > 0) resolve(arrived.shift());
      else waiting.push(resolve);
    }),
    send: (answer) => {
      // Parsed, so that a member that is not in the contract cannot leave by accident.
      const frame = encodeFrame(Answer.parse(answer), MAX_FRAME_FROM_WORKER);
      return new Promise((resolve, reject) => {
        socket.write(frame, (error) => (error ? reject(error) : resolve()));
      });
    },
  };
}
