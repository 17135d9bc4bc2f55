import { fields, number, text } from '../parse/json.ts';

/** What a database knows of an address; what it does not know is absent. */
export interface Place {
  /** ISO 3166-1, two capital letters. */
  readonly country?: string;
  /** In English. */
  readonly city?: string;
  /** Degrees. Of an address whose city is not known, those of the middle of its country. */
  readonly coordinates?: { readonly latitude: number; readonly longitude: number };
}

/** One record of a City or Country database. */
export function parsePlace(record: unknown): Place {
  const raw = fields(record) ?? {};
  const country = text(fields(raw.country)?.iso_code);
  const city = text(fields(fields(raw.city)?.names)?.en);
  const latitude = within(90, fields(raw.location)?.latitude);
  const longitude = within(180, fields(raw.location)?.longitude);
  const located = latitude !== undefined && longitude !== undefined;
  return {
    ...(country === undefined ? {} : { country }),
    ...(city === undefined ? {} : { city }),
    ...(located ? { coordinates: { latitude, longitude } } : {}),
  };
}

function within(most: number, value: unknown): number | undefined {
  const degrees = number(value);
  return degrees !== undefined && Math.abs(degrees) <= most ? degrees : undefined;
}
