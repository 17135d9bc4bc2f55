export { type Answer, type HttpFault, type HttpFaultScope, HttpFaults, statusPage } from './http.ts';
export { type Frame, GARBAGE, type SocketFault, SocketFaults } from './socket.ts';
export type { FaultHandle } from './switchboard.ts';
export type { Twist } from './twist.ts';
