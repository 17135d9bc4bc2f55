import type { Parsed } from '../../http/http.ts';
import type { StoragePlace } from '../state.ts';
import { fields, known, list, number, text } from './json.ts';

const FOLDERS = {
  ProgramDataFolder: 'program_data',
  WebFolder: 'web',
  ImageCacheFolder: 'image_cache',
  CacheFolder: 'cache',
  LogFolder: 'log',
  InternalMetadataFolder: 'internal_metadata',
  TranscodingTempFolder: 'transcoding_temp',
} as const;

/** `/System/Info/Storage`. A folder whose figures the server could not tell (-1) is left out. */
export function parseStorage(json: unknown): Parsed<StoragePlace[]> {
  const raw = fields(json);
  if (raw === undefined) return { ok: false, problem: 'the answer is not an object' };
  const fixed = Object.entries(FOLDERS).flatMap(([key, location]) => parseFolder(location, raw[key]) ?? []);
  const libraries = list(raw.Libraries).flatMap((library) => {
    const location = text(fields(library)?.Name) ?? '';
    return list(fields(library)?.Folders).flatMap((folder) => parseFolder(location, folder) ?? []);
  });
  return { ok: true, value: [...fixed, ...libraries] };
}

function parseFolder(location: string, value: unknown): StoragePlace | undefined {
  const raw = fields(value);
  const path = text(raw?.Path);
  const free = number(raw?.FreeSpace);
  const used = number(raw?.UsedSpace);
  if (path === undefined || free === undefined || used === undefined || free < 0 || used < 0) return undefined;
  return known<StoragePlace>({ location, path, device: text(raw?.DeviceId), freeBytes: free, usedBytes: used });
}
