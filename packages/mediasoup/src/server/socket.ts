import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { SfuError } from '../errors.ts';

/** Only the owner may connect: what is told here may name people. */
const MODE = 0o600;

/**
 * Listens on a Unix socket. One that a dead process left behind is taken away; a living one, or a file of another kind,
 * is left alone.
 *
 * @throws SfuError `MX_SFU_SOCKET_IN_USE`, or what the system says.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  await clearStaleSocket(path);
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
  });
  // The socket is made during the call, so that nobody else's files get the mask. Threads may not set it.
  const mask = setMask(0o777 & ~MODE);
  try {
    server.listen(path);
  } finally {
    if (mask !== undefined) process.umask(mask);
  }
  await listening;
  await chmod(path, MODE);
}

async function clearStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket() || (await answers(path))) throw new SfuError('MX_SFU_SOCKET_IN_USE', path);
  await unlink(path);
}

/** Whether somebody listens. Only a refusal is a sure sign of nobody. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}

function setMask(mask: number): number | undefined {
  try {
    return process.umask(mask);
  } catch {
    return undefined;
  }
}
