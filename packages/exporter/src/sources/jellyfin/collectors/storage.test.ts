import { describe, expect, test } from 'vitest';
import { open } from '../testing/answering.testing.ts';
import { create } from './storage.ts';

describe('storage', () => {
  const folder = (path: string, free: number, used: number, device?: string) => ({
    Path: path,
    FreeSpace: free,
    UsedSpace: used,
    ...(device === undefined ? {} : { DeviceId: device }),
  });

  test('has each file system once, by its mount point', async () => {
    const { collector, read } = open(create, () => ({
      CacheFolder: folder('/var/cache', 10, 90, '/'),
      LogFolder: folder('/var/log', 10, 90, '/'),
      WebFolder: folder('/no', -1, -1),
      Libraries: [
        { Name: 'Films', Folders: [folder('/media/a', 500, 500, '/media'), folder('/media/b', 500, 500, '/media')] },
      ],
    }));
    await collector.run();
    expect(read('jellyfin_filesystem_free_bytes')).toEqual({ '/': 10, '/media': 500 });
    expect(read('jellyfin_storage_used_bytes')).toEqual({ 'cache,/': 90, 'log,/': 90, 'Films,/media': 500 });
  });

  test('guesses the file systems of 10.11 by their figures', async () => {
    const { collector, read } = open(create, () => ({
      CacheFolder: folder('/var/cache/jellyfin', 10, 90, '/var/cache/jellyfin'),
      LogFolder: folder('/var/log', 10, 90, '/var/log'),
      Libraries: [{ Name: 'Films', Folders: [folder('/media', 500, 500, '/media')] }],
    }));
    await collector.run();
    expect(read('jellyfin_filesystem_free_bytes')).toEqual({ '/var/log': 10, '/media': 500 });
  });

  test('is absent and no fault where the server is too old for it', async () => {
    const { collector } = open(create, () => 404);
    await collector.run();
    expect(collector.families()).toEqual([]);
  });
});
