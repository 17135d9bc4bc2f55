export { carry } from './carry.ts';
export { ManualClock } from './clock.ts';
export { collectText, expectText } from './expect.ts';
export { type LintProblem, lint } from './lint.ts';
export { parseProtobuf } from './parse-protobuf.ts';
export { parseOpenMetrics, parseText } from './parse-text.ts';
export { type PlainFamily, type PlainSample, plain } from './plain.ts';
