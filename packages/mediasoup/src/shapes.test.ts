import { describe, expect, test } from 'vitest';
import { codecOf, type MediasoupTransport, transportTypeOf, tupleOf } from './shapes.ts';

class PlainTransport {}
class PlainTransportImpl {}
class WebRtcTransport {}
class Minified {}

const as = (object: object, fields: object = {}): MediasoupTransport =>
  Object.assign(object, fields) as unknown as MediasoupTransport;

describe('the type of a transport', () => {
  test.each([
    ['the property of 3.15 and later', as(new PlainTransportImpl(), { type: 'plain' }), 'plain'],
    ['the class of 3.8', as(new PlainTransport()), 'plain'],
    ['the class of 3.8 in its own case', as(new WebRtcTransport()), 'webrtc'],
    ['the class of later versions', as(new PlainTransportImpl()), 'plain'],
    ['an ICE state', as(new Minified(), { iceState: 'new' }), 'webrtc'],
    ['a tuple', as(new Minified(), { tuple: {} }), 'plain'],
    ['neither', as(new Minified()), 'direct'],
    ['the property, whatever the class', as(new PlainTransport(), { type: 'pipe' }), 'pipe'],
  ])('is told by %s', (_, transport, type) => {
    expect(transportTypeOf(transport)).toBe(type);
  });
});

describe('the addresses of a transport', () => {
  const remote = { remoteIp: '198.51.100.1', remotePort: 5, protocol: 'udp' };

  test('are those of the tuple that ICE selected', () => {
    const iceSelectedTuple = { localIp: '192.0.2.1', localPort: 4, ...remote };
    expect(tupleOf(as({}, { iceSelectedTuple }))).toEqual(iceSelectedTuple);
  });

  test('prefer localAddress, which is new, to localIp', () => {
    const tuple = { localAddress: 'sfu.example', localIp: '192.0.2.1', localPort: 4, ...remote };
    expect(tupleOf(as({}, { tuple }))?.localIp).toBe('sfu.example');
  });

  test('may be known in part, or not at all', () => {
    expect(tupleOf(as({}))).toBeUndefined();
    expect(tupleOf(as({}, { tuple: { localIp: '192.0.2.1', localPort: 4 } }))).toEqual({
      ...{ protocol: '', localIp: '192.0.2.1', localPort: 4, remoteIp: '', remotePort: undefined },
    });
  });
});

describe('the codec', () => {
  test('is the first of the RTP parameters, in the spelling of the host', () => {
    const codecs = [
      { mimeType: 'video/VP8', clockRate: 90_000 },
      { mimeType: 'video/rtx', clockRate: 90_000 },
    ];
    expect(codecOf({ codecs })).toEqual({ name: 'VP8', clockRate: 90_000 });
  });

  test.each([undefined, {}, { codecs: [] }, { codecs: 'opus' }, { codecs: [{ clockRate: 0 }] }])(
    'of the parameters %j is not known',
    (parameters) => {
      expect(codecOf(parameters)).toEqual({ name: '', clockRate: undefined });
    },
  );
});
