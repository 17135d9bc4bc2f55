import { MetricsError } from '../errors.ts';

/** Reads one line of an exposition; every complaint names line and column. */
export class LineScanner {
  readonly #text: string;
  readonly #line: number;
  at = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  get done(): boolean {
    return this.at >= this.#text.length;
  }

  fail(problem: string): never {
    throw new MetricsError('MX_PARSE', `line ${this.#line}, column ${this.at + 1}: ${problem}`);
  }

  /** Whether a literal comes next. */
  sees(literal: string): boolean {
    return this.#text.startsWith(literal, this.at);
  }

  /** Takes a literal if it comes next. */
  accept(literal: string): boolean {
    if (!this.sees(literal)) return false;
    this.at += literal.length;
    return true;
  }

  expect(literal: string): void {
    if (!this.accept(literal)) this.fail(`expected ${JSON.stringify(literal)}`);
  }

  /** Takes what a sticky expression matches here. */
  match(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text);
    if (found === null) this.fail(`expected ${what}`);
    this.at += found[0].length;
    return found[0];
  }

  /** Everything up to the end of the line. */
  rest(): string {
    const text = this.#text.slice(this.at);
    this.at = this.#text.length;
    return text;
  }

  /** A text in quotation marks, of which only backslash, line feed and quotation mark may be escaped. */
  quoted(): string {
    this.expect('"');
    let text = '';
    for (;;) {
      if (this.done) this.fail('unterminated string');
      const char = this.#text.charAt(this.at++);
      if (char === '"') return text;
      text += char === '\\' ? this.#escape('\\"n') : char;
    }
  }

  /** A text to the end of the line with the given escapes. */
  escapedRest(escapes: string): string {
    let text = '';
    while (!this.done) {
      const char = this.#text.charAt(this.at++);
      text += char === '\\' ? this.#escape(escapes) : char;
    }
    return text;
  }

  number(): number {
    const text = this.match(/[^ ]+/y, 'a number');
    if (text === '+Inf') return Number.POSITIVE_INFINITY;
    if (text === '-Inf') return Number.NEGATIVE_INFINITY;
    if (text === 'NaN') return Number.NaN;
    if (!/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/.test(text)) this.fail(`${JSON.stringify(text)} is not a number`);
    return Number(text);
  }

  #escape(known: string): string {
    const char = this.#text.charAt(this.at++);
    if (char === '' || !known.includes(char)) this.fail(`unknown escape \\${char}`);
    return char === 'n' ? '\n' : char;
  }
}
