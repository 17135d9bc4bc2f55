import type { Problem } from '../errors.ts';
import { codeOf } from '../system-errors.ts';
import { DamagedDatabaseError, ForeignDatabaseError } from './database.ts';

/** Result codes of SQLite (sqlite.org/rescode.html), without their extensions. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const NOTADB = 26;

const SQLITE: Readonly<Record<number, string>> = {
  [READONLY]: 'the database may not be written by this user',
  [FULL]: 'the disk is full',
};

const FOLDER: Readonly<Record<string, string>> = {
  EACCES: 'the folder may not be used by this user',
  EPERM: 'the folder may not be used by this user',
  EROFS: 'the folder is on a file system that cannot be written',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'the path is that of a file',
};

const SPACE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a limit of the system on the size of files is reached',
};

/** Whether what is in the file is of no use to anybody, so that it can be moved aside. */
export function isDamage(error: unknown): boolean {
  return error instanceof DamagedDatabaseError || [CORRUPT, NOTADB].includes(resultOf(error) ?? 0);
}

/** Codes of paths that stay what they are. */
const LASTING = ['ENOTDIR', 'EEXIST', 'EPERM', 'ELOOP', 'ENAMETOOLONG'];

/** Whether what went wrong can pass by itself within seconds: a lock, a disk that is full or comes late. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof ForeignDatabaseError || LASTING.includes(codeOf(error)) || takesNoFolders(error));
}

/** All folders above are there, and yet there can be none in them: below /proc. */
function takesNoFolders(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' && (error as NodeJS.ErrnoException).syscall === 'mkdir';
}

/** What went wrong with the database in `dir`, by codes only. */
export function judgeFailure(error: unknown, dir: string): Problem {
  if (error instanceof ForeignDatabaseError) return { code: 'MX_STATE_FOREIGN', detail: `${dir}: ${error.message}` };
  const result = resultOf(error);
  if (result === BUSY || result === LOCKED) return { code: 'MX_STATE_BUSY', detail: `the state in ${dir} is in use` };
  if (result !== undefined) {
    return { code: 'MX_STATE_WRITE', detail: `${dir}: ${SQLITE[result] ?? 'the database failed'} (SQLite ${result})` };
  }
  const code = codeOf(error);
  const space = SPACE[code];
  if (space !== undefined) return { code: 'MX_STATE_WRITE', detail: `${dir}: ${space} (${code})` };
  const why = takesNoFolders(error) ? 'no folder can be made there' : (FOLDER[code] ?? 'the folder cannot be used');
  return { code: 'MX_STATE_DIR', detail: `${dir}: ${why} (${code})` };
}

/** The primary result code, where SQLite threw. */
function resultOf(error: unknown): number | undefined {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode % 256 : undefined;
}
