/** What is longer is cut: nothing that is looked for is. */
const LONGEST = 4_096;

/** Cuts a stream of bytes into lines, which end with a line feed, a carriage return or both. */
export class Lines {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Uint8Array): void {
    const pieces = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
      .toString('latin1')
      .split(/[\r\n]/);
    pieces[0] = this.#rest + pieces[0];
    this.#rest = (pieces.pop() ?? '').slice(0, LONGEST);
    for (const piece of pieces) if (piece !== '') this.#onLine(piece.slice(0, LONGEST));
  }

  /** The last line, where it has no end. More may be pushed after: it goes on. */
  end(): void {
    if (this.#rest !== '') this.#onLine(this.#rest);
  }
}
