import type { SourceSettings } from './schema.ts';
import type { SecretFields } from './secrets.ts';

/** The secret of a source, and the key that says where it is. */
export interface SourceSecret {
  readonly key: string;
  readonly fields: SecretFields;
}

/** Where the secret of a source is: of a media server that people sign in to, it is called a token. */
export function secretOf(source: SourceSettings): SourceSecret {
  const key = source.type === 'mediasoup' ? 'secret' : 'token';
  const given = source as Readonly<Record<string, unknown>>;
  const [value, file, env] = ['', '_file', '_env'].map((end) => given[`${key}${end}`] as string | undefined);
  const end = file !== undefined ? '_file' : env !== undefined ? '_env' : '';
  return { key: `${key}${end}`, fields: { value, file, env } };
}
