import { renderText } from '@media-exporter/metrics';
import { MEDIA_CATALOGUE } from '@media-exporter/model';
import { expect, test } from 'vitest';
import { exampleFamily } from '../prometheus/example-families.ts';
import { checkMetrics } from '../prometheus/promtool.ts';
import { describeWith } from '../support/tools.ts';

describeWith('promtool', 'promtool check metrics', ({ promtool }) => {
  // Bandwidth is told in bits per second wherever it is sold, shown or set in a player, so these names say so.
  const BITS = ['media_bandwidth_bits_per_second', 'media_session_bitrate_bits_per_second'];

  test('has nothing against the vocabulary that all servers share but its bits', () => {
    const text = renderText(MEDIA_CATALOGUE.map((metric) => exampleFamily(metric)));
    const { complaints } = checkMetrics(promtool, text);
    expect(complaints).toEqual(BITS.map((name) => `${name} use base unit "bytes" instead of "bits"`));
  });
});
