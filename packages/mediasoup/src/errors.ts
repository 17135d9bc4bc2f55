/** Every error this package throws, by its stable code. The codes are part of the public interface. */
export const SFU_ERRORS = {
  MX_SFU_MEDIASOUP:
    "This is neither mediasoup nor its observer. Pass the module that the application itself creates its workers with: observe(mediasoup). Another copy of mediasoup would never tell of this one's workers.",
  MX_SFU_WORKER: 'This is no mediasoup worker. Pass what mediasoup.createWorker() resolved to.',
  MX_SFU_OPTION: 'An option of observe() or serve() is not valid.',
  MX_SFU_LISTEN: 'The address to listen on cannot be used.',
  MX_SFU_SOCKET_IN_USE:
    'Something answers on the Unix socket already, or the path is no socket. Stop it, or choose another path.',
  MX_SFU_CLOSED: 'The observer is closed.',
} as const;

export type SfuErrorCode = keyof typeof SFU_ERRORS;

/** An error with a stable `code`; the message is the code's sentence and what it was about. */
export class SfuError extends Error {
  override readonly name = 'SfuError';
  readonly code: SfuErrorCode;

  constructor(code: SfuErrorCode, detail: string, options?: ErrorOptions) {
    super(`${SFU_ERRORS[code]} (${detail})`, options);
    this.code = code;
  }
}
