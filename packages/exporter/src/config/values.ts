import { z } from 'zod';
import type { ErrorCode } from '../errors.ts';
import { parseListenAddress } from './address.ts';
import { judgeBearer } from './secrets.ts';
import { parseSourceUrl } from './url.ts';

const UNIT_SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600 };
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** A number of seconds, or a text such as `500ms`, `5s`, `1m`. The output, in seconds, is a valid input too. */
export function duration(least: number, most: number): z.ZodType<number, number | string> {
  return z
    .union([z.number(), z.string().regex(DURATION, { error: 'must be a duration such as 500ms, 5s or 1m' })], {
      error: 'must be a duration such as 500ms, 5s or 1m',
    })
    .transform((value) => {
      if (typeof value === 'number') return value;
      const [, digits = '', unit = ''] = DURATION.exec(value) ?? [];
      return Number(digits) * (UNIT_SECONDS[unit] ?? 1);
    })
    .refine((seconds) => seconds >= least && seconds <= most, { error: `must be between ${least}s and ${most}s` });
}

/** A check of one value that gives its own code: `judge` answers what is wrong, or nothing. */
function coded<T>(judge: (value: T) => { code: ErrorCode; detail: string } | undefined): z.core.CheckFn<T> {
  return ({ value, issues }) => {
    const fault = judge(value);
    if (fault === undefined) return;
    issues.push({ code: 'custom', input: value, message: fault.detail, params: { code: fault.code } });
  };
}

export const listenAddress = z.string().check(
  coded((value) => {
    const address = parseListenAddress(value);
    return address === undefined ? { code: 'MX_CONFIG_LISTEN', detail: `"${value}" is no listen address` } : undefined;
  }),
);

/** The URL of a media server, which may or may not have a path. */
export function sourceUrl(path: 'allowed' | 'refused'): z.ZodString {
  return z.string().check(
    coded((value) => {
      const url = parseSourceUrl(value, { path });
      return 'problem' in url ? { code: url.code, detail: url.problem } : undefined;
    }),
  );
}

/** A secret that a header carries. */
export const headerSecret = z
  .string()
  .min(1)
  .check(
    coded((value) => {
      const fault = value === '' ? undefined : judgeBearer(value);
      return fault === undefined ? undefined : { code: 'MX_SECRET_FORM', detail: fault };
    }),
  );

/** The path of a file or a folder; one in a configuration file is relative to it. */
export const filePath = z.string().min(1);

const RESERVED_PATHS = ['/health', '/-/healthy', '/-/ready', '/-/reload'];

export const telemetryPath = z
  .string()
  .regex(/^\/[A-Za-z0-9._~/-]*$/, { error: 'must be a path that begins with /' })
  .refine((path) => !RESERVED_PATHS.includes(path), { error: 'is a path that the exporter needs itself' });

/** What is wrong with a path for the metrics, or nothing. */
export function judgeTelemetryPath(path: string): string | undefined {
  return telemetryPath.safeParse(path).error?.issues[0]?.message;
}
