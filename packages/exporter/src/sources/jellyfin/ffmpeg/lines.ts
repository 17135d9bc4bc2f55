/** What is longer is cut: nothing that is looked for is. */
const LONGEST = 4_096;

/** Cuts a stream of bytes into lines, which end with a line feed, a carriage return or both, or with what is told. */
export class Lines {
  readonly #onLine: (line: string) => void;
  readonly #end: string | RegExp;
  #rest = '';

  constructor(onLine: (line: string) => void, end: string | RegExp = /[\r\n]/) {
    this.#onLine = onLine;
    this.#end = end;
  }

  push(chunk: Uint8Array): void {
    const pieces = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1').split(this.#end);
    pieces[0] = this.#rest + pieces[0];
    this.#rest = (pieces.pop() ?? '').slice(0, LONGEST);
    for (const piece of pieces) if (piece !== '') this.#onLine(piece.slice(0, LONGEST));
  }

  /** The last line, where it has no end. More may be pushed after: it goes on. */
  end(): void {
    if (this.#rest !== '') this.#onLine(this.#rest);
  }
}
