import type { SourceSettings } from '../config/schema.ts';
import type { Secret } from '../config/secrets.ts';
import { MediasoupSource } from './mediasoup/index.ts';
import type { Privacy } from './privacy.ts';
import type { Source, SourceContext } from './source.ts';

/** Makes the source that a configuration describes: a new kind of media server has one more line here. */
export function createSource(
  settings: SourceSettings,
  secret: Secret | undefined,
  privacy: Privacy,
  context: SourceContext,
): Source {
  switch (settings.type) {
    case 'mediasoup':
      return new MediasoupSource(settings, secret, privacy, context);
  }
}
