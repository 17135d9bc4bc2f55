/** Room for some two hundred series with a dozen labels, rendered twice; the unit in which a scrape is handed on. */
export const PIECE_BYTES: number = 256 * 1024;

/** Gives out buffers and takes them back, so that a scrape of any size needs just a few. */
export class BufferPool {
  readonly #free: Uint8Array<ArrayBuffer>[] = [];

  take(size: number): Uint8Array<ArrayBuffer> {
    if (size > PIECE_BYTES) return new Uint8Array(size);
    return this.#free.pop() ?? new Uint8Array(PIECE_BYTES);
  }

  /** Takes back the buffer behind a piece once nobody reads it any longer. */
  give(piece: Uint8Array): void {
    if (piece.buffer.byteLength === PIECE_BYTES) this.#free.push(new Uint8Array(piece.buffer as ArrayBuffer));
  }
}

/** Collects what an encoder writes. Ask for room first; what does not fit goes out as a piece. */
export class Output {
  bytes: Uint8Array<ArrayBuffer>;
  at = 0;
  readonly #pool: BufferPool;

  constructor(pool: BufferPool) {
    this.#pool = pool;
    this.bytes = pool.take(0);
  }

  /** Whether so many more bytes fit. Otherwise {@link cut} first, and hand the piece on. */
  fits(count: number): boolean {
    return this.at + count <= this.bytes.length;
  }

  /** What was written so far, while the output goes on with a new buffer of room for `count` bytes at least. */
  cut(count: number): Uint8Array {
    const piece = this.bytes.subarray(0, this.at);
    this.bytes = this.#pool.take(count);
    this.at = 0;
    return piece;
  }
}
