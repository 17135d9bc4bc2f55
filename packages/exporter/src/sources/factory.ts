import type { SourceSettings } from '../config/schema.ts';
import type { Secret } from '../config/secrets.ts';
import type { Privacy } from './privacy.ts';
import type { Source, SourceContext } from './source.ts';

/**
 * Makes the source that a configuration describes: a new kind of media server has one more line here. Its code is loaded
 * only when there is one.
 */
export async function createSource(
  settings: SourceSettings,
  secret: Secret | undefined,
  privacy: Privacy,
  context: SourceContext,
): Promise<Source> {
  switch (settings.type) {
    case 'mediasoup': {
      const { MediasoupSource } = await import('./mediasoup/index.ts');
      return new MediasoupSource(settings, secret, privacy, context);
    }
    case 'plex': {
      const { PlexSource } = await import('./plex/index.ts');
      return new PlexSource(settings, secret, privacy, context);
    }
    case 'jellyfin': {
      const { JellyfinSource } = await import('./jellyfin/index.ts');
      return JellyfinSource.create(settings, secret, privacy, context);
    }
  }
}
