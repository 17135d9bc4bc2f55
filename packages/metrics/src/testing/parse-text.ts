import { fitsOpenMetrics } from '../encode/dialect.ts';
import type { Exemplar } from '../family.ts';
import type { MetricType } from '../metric.ts';
import { assemble } from './assemble.ts';
import type { OpenFamily } from './parsed.ts';
import type { PlainFamily } from './plain.ts';
import { LineScanner } from './scanner.ts';

/**
 * Parses the Prometheus text format, 0.0.4 or 1.0.0, strictly.
 *
 * @throws MetricsError `MX_PARSE` with line and column for whatever a careful reader could object to.
 */
export function parseText(text: string): PlainFamily[] {
  return new ExpositionParser(false).parse(text);
}

/** Parses OpenMetrics 1.0.0 strictly. Throws like {@link parseText}. */
export function parseOpenMetrics(text: string): PlainFamily[] {
  return new ExpositionParser(true).parse(text);
}

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;

const TEXT_TYPES: Readonly<Record<string, MetricType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  untyped: 'unknown',
};
const OPENMETRICS_TYPES: Readonly<Record<string, MetricType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  summary: 'summary',
  info: 'info',
  stateset: 'stateset',
  unknown: 'unknown',
};

/** The suffixes of the samples of a type; the first one belongs to the full name. */
const SUFFIXES: Readonly<Record<MetricType, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  unknown: [''],
  stateset: [''],
  info: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

class ExpositionParser {
  readonly #openMetrics: boolean;
  readonly #families: PlainFamily[] = [];
  readonly #seen = new Set<string>();
  #open: OpenFamily | undefined;

  constructor(openMetrics: boolean) {
    this.#openMetrics = openMetrics;
  }

  parse(text: string): PlainFamily[] {
    const lines = text.split('\n');
    const last = new LineScanner(lines.at(-1) ?? '', lines.length);
    if (lines.pop() !== '') last.fail('the last line must end in a line feed');
    if (this.#openMetrics) {
      const end = new LineScanner(lines.pop() ?? '', lines.length + 1);
      if (end.rest() !== '# EOF') end.fail('expected "# EOF"');
    }
    for (const [index, line] of lines.entries()) this.#line(new LineScanner(line, index + 1), line);
    this.#close();
    return this.#families;
  }

  #line(scanner: LineScanner, line: string): void {
    if (line === '') {
      if (this.#openMetrics) scanner.fail('blank lines are not allowed');
    } else if (line.startsWith('#')) this.#comment(scanner);
    else this.#sample(scanner);
  }

  #comment(scanner: LineScanner): void {
    const keyword = ['# HELP ', '# TYPE ', '# UNIT '].find((text) => scanner.accept(text));
    if (keyword === undefined || (keyword === '# UNIT ' && !this.#openMetrics)) {
      if (this.#openMetrics) scanner.fail('expected HELP, TYPE, UNIT or EOF');
      return;
    }
    const name = this.#name(scanner, METRIC_NAME);
    const family = this.#familyNamed(name, scanner);
    if (family.samples.length > 0) scanner.fail('headers come before the samples');
    scanner.expect(' ');
    if (keyword === '# TYPE ') {
      if (family.type !== undefined) scanner.fail('a second TYPE');
      const types = this.#openMetrics ? OPENMETRICS_TYPES : TEXT_TYPES;
      const word = scanner.rest();
      const type = Object.hasOwn(types, word) ? types[word] : undefined;
      if (type === undefined) scanner.fail('unknown type');
      family.type = type;
    } else if (keyword === '# HELP ') {
      if (family.help !== undefined) scanner.fail('a second HELP');
      family.help = scanner.escapedRest(this.#openMetrics ? '\\"n' : '\\n');
    } else {
      if (family.unit !== undefined) scanner.fail('a second UNIT');
      family.unit = scanner.rest();
      if (!name.endsWith(`_${family.unit}`)) scanner.fail('the name does not end in the unit');
    }
  }

  #sample(scanner: LineScanner): void {
    const { name, labels } = this.#series(scanner);
    const { family, suffix } = this.#owner(name, scanner);
    scanner.expect(' ');
    const value = scanner.number();
    let exemplar: Exemplar | undefined;
    if (!scanner.done) {
      if (!this.#openMetrics || !scanner.accept(' # ')) scanner.fail('unexpected text after the value');
      if (family.type !== 'counter' && suffix !== '_bucket')
        scanner.fail('an exemplar on neither a counter nor a bucket');
      exemplar = this.#exemplar(scanner);
      if (!fitsOpenMetrics(exemplar)) scanner.fail('an exemplar of more than 128 characters');
    }
    if (!scanner.done) scanner.fail('unexpected text after the sample');
    family.samples.push({ suffix, labels, value, exemplar, scanner });
  }

  #exemplar(scanner: LineScanner): Exemplar {
    scanner.expect('{');
    const labels = this.#labels(scanner, false);
    scanner.expect(' ');
    const value = scanner.number();
    if (scanner.done) return { labels, value };
    scanner.expect(' ');
    return { labels, value, timestamp: scanner.number() };
  }

  #series(scanner: LineScanner): { name: string; labels: Record<string, string> } {
    if (scanner.accept('{')) {
      const name = scanner.quoted();
      if (scanner.accept('}')) return { name, labels: {} };
      scanner.expect(',');
      return { name, labels: this.#labels(scanner, true) };
    }
    const name = scanner.match(METRIC_NAME, 'a metric name');
    return { name, labels: scanner.accept('{') ? this.#labels(scanner, true) : {} };
  }

  /** Labels up to and including the closing brace. */
  #labels(scanner: LineScanner, some: boolean): Record<string, string> {
    const labels: Record<string, string> = {};
    if (!some && scanner.accept('}')) return labels;
    do {
      const name = this.#name(scanner, LABEL_NAME);
      if (name.startsWith('__')) scanner.fail(`label ${name} belongs to Prometheus`);
      if (Object.hasOwn(labels, name)) scanner.fail(`label ${name} twice`);
      scanner.expect('=');
      labels[name] = scanner.quoted();
    } while (scanner.accept(','));
    scanner.expect('}');
    return labels;
  }

  #name(scanner: LineScanner, pattern: RegExp): string {
    pattern.lastIndex = 0;
    return scanner.sees('"') ? scanner.quoted() : scanner.match(pattern, 'a name');
  }

  #familyNamed(name: string, scanner: LineScanner): OpenFamily {
    if (this.#open?.name === name) return this.#open;
    this.#close();
    if (this.#seen.has(name)) scanner.fail(`family ${name} is not in one piece`);
    this.#seen.add(name);
    this.#open = { name, type: undefined, help: undefined, unit: undefined, samples: [] };
    return this.#open;
  }

  #owner(name: string, scanner: LineScanner): { family: OpenFamily; suffix: string } {
    const open = this.#open;
    if (open !== undefined) {
      const stem = open.name + this.#typeSuffix(open.type);
      const suffix = SUFFIXES[open.type ?? 'unknown'].find((text) => name === stem + text);
      if (suffix !== undefined) return { family: open, suffix };
    }
    if (this.#openMetrics && open?.type !== undefined && name.startsWith(open.name)) {
      scanner.fail(`${name} is no sample of the ${open.type} ${open.name}`);
    }
    return { family: this.#familyNamed(name, scanner), suffix: '' };
  }

  /** What OpenMetrics takes off the full name. */
  #typeSuffix(type: MetricType | undefined): string {
    if (!this.#openMetrics) return '';
    return type === 'counter' ? '_total' : type === 'info' ? '_info' : '';
  }

  #close(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    this.#families.push(assemble(open, open.name + this.#typeSuffix(open.type)));
  }
}
