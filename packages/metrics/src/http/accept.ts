/** One element of an Accept or Accept-Encoding header (RFC 9110 §12.5), its parameters in lower case. */
export interface Clause {
  readonly value: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

/** The elements of a header, most wanted first; equally wanted ones in the order of the header. Refused ones (q=0) stay. */
export function parseClauses(header: string | undefined): Clause[] {
  const clauses: Clause[] = [];
  for (const part of (header ?? '').split(',')) {
    const [value, ...rest] = part.split(';').map((text) => text.trim());
    if (value === undefined || value === '') continue;
    const parameters: Record<string, string> = {};
    for (const text of rest) {
      const equals = text.indexOf('=');
      if (equals > 0) parameters[text.slice(0, equals).trim().toLowerCase()] = unquote(text.slice(equals + 1).trim());
    }
    const quality = parameters.q === undefined ? 1 : Number(parameters.q);
    const valid = quality >= 0 && quality <= 1;
    clauses.push({ value: value.toLowerCase(), parameters, quality: valid ? quality : 0 });
  }
  return clauses.sort((a, b) => b.quality - a.quality);
}

function unquote(text: string): string {
  return text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text;
}
