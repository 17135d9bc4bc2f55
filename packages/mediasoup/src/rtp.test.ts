import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRtpStats, RtpFold, type RtpStat, RtpTable } from './rtp.ts';

function fold(): { table: RtpTable; take: (stat: object) => void } {
  const table = new RtpTable();
  const one = new RtpFold(table.row('receive', 'video', 'vp8', 'webrtc'));
  return {
    table,
    take: (stat) => {
      for (const parsed of parseRtpStats([{ type: 'inbound-rtp', ssrc: 1, ...stat }], 'receive')) one.take(parsed);
    },
  };
}

describe('growth', () => {
  test('is what was counted since the last poll, from 0 for a stream that is new', () => {
    const { table, take } = fold();
    take({ packetCount: 10, byteCount: 1_000, nackCount: 1 });
    take({ packetCount: 15, byteCount: 1_500, nackCount: 1 });
    expect(table.totals()).toEqual([expect.objectContaining({ packets: 15, bytes: 1_500, nacks: 1 })]);
  });

  test('begins again with a stream that begins again under its old SSRC', () => {
    const { table, take } = fold();
    take({ packetCount: 10, byteCount: 1_000, packetsLost: 4, pliCount: 3 });
    take({ packetCount: 2, byteCount: 200, packetsLost: 1, pliCount: 1 });
    expect(table.totals()).toEqual([expect.objectContaining({ packets: 12, bytes: 1_200, lost: 5, plis: 4 })]);
  });

  test('of loss is the worst it ever was: packets that come late neither take away nor count twice', () => {
    const { table, take } = fold();
    for (const packetsLost of [5, 3, -2, 4, 6]) take({ packetCount: 10, byteCount: 1_000, packetsLost });
    expect(table.totals()[0]?.lost).toBe(6);
  });

  test('of simulcast streams is summed by SSRC', () => {
    const { table, take } = fold();
    take({ ssrc: 1, packetCount: 10, byteCount: 100 });
    take({ ssrc: 2, packetCount: 3, byteCount: 30 });
    take({ ssrc: 1, packetCount: 11, byteCount: 110 });
    take({ ssrc: 2, packetCount: 3, byteCount: 30 });
    expect(table.totals()).toEqual([expect.objectContaining({ packets: 14, bytes: 140 })]);
  });

  test('of a sender that makes up new SSRCs for ever needs no more memory for ever', () => {
    const { table, take } = fold();
    for (let ssrc = 1; ssrc <= 1_000; ssrc++) take({ ssrc, packetCount: 1, byteCount: 10 });
    expect(table.totals()).toEqual([expect.objectContaining({ packets: 1_000, bytes: 10_000 })]);
  });

  test('never makes a total go back, whatever a worker says', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record(
            { ssrc: fc.nat(2), packetCount: fc.anything(), byteCount: fc.integer(), packetsLost: fc.integer() },
            { requiredKeys: ['ssrc'] },
          ),
        ),
        (stats) => {
          const { table, take } = fold();
          let last = { ...table.totals()[0] };
          for (const stat of stats) {
            take(stat);
            const now = { ...table.totals()[0] };
            for (const name of ['packets', 'bytes', 'lost'] as const) {
              expect(now[name]).toBeGreaterThanOrEqual(last[name] ?? 0);
            }
            last = now;
          }
        },
      ),
    );
  });
});

describe('an entry of getStats()', () => {
  const only = (entry: object, direction: 'receive' | 'send' = 'send'): RtpStat | undefined =>
    parseRtpStats([{ type: direction === 'send' ? 'outbound-rtp' : 'inbound-rtp', ssrc: 1, ...entry }], direction)[0];

  test("of the producer is left out of a consumer's", () => {
    const answer = [
      { type: 'outbound-rtp', ssrc: 1, byteCount: 10 },
      { type: 'inbound-rtp', ssrc: 2, byteCount: 20 },
    ];
    expect(parseRtpStats(answer, 'send').map(({ ssrc }) => ssrc)).toEqual([1]);
    expect(parseRtpStats(answer, 'receive').map(({ ssrc }) => ssrc)).toEqual([2]);
  });

  test.each([undefined, 0, -3, Number.NaN])('with a round trip of %s does not know it', (roundTripTime) => {
    expect(only({ roundTripTime })?.roundTrip).toBeUndefined();
  });

  test('has its loss in 256ths', () => {
    expect(only({ fractionLost: 64 })?.lossRatio).toBe(0.25);
    expect(only({ fractionLost: 300 })?.lossRatio).toBeUndefined();
  });

  test('may be anything at all', () => {
    fc.assert(
      fc.property(fc.anything(), (answer) => {
        expect(Array.isArray(parseRtpStats(answer, 'receive'))).toBe(true);
        expect(Array.isArray(parseRtpStats([answer], 'send'))).toBe(true);
      }),
    );
  });
});
