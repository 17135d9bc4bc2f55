const FILE: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: a part of its path is no folder',
  EISDIR: 'is a folder',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  ELOOP: 'is a symbolic link that leads in a circle',
  ENAMETOOLONG: 'has a path that is too long',
  EMFILE: 'cannot be opened: the process has too many files open',
  ENFILE: 'cannot be opened: the system has too many files open',
  EIO: 'cannot be read: the disk reports an error',
};

/** Why a file cannot be read, to follow its name. The text never has the path in it. */
export function explainFileError(error: unknown): string {
  const code = codeOf(error);
  return FILE[code] ?? `cannot be read (${code})`;
}

const LISTEN: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'this user may not listen there',
  EPERM: 'this user may not listen there',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host cannot be looked up at the moment',
  EAFNOSUPPORT: 'this machine does not have that kind of address, mostly IPv6',
};

/** Why an address cannot be listened on, with the code of the system. */
export function explainListenError(error: unknown): string {
  const code = codeOf(error);
  return `${LISTEN[code] ?? 'it cannot be listened on'} (${code})`;
}

const CONNECTION: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there, the connection was refused',
  ECONNRESET: 'the server broke the connection',
  EPIPE: 'the server broke the connection',
  UND_ERR_SOCKET: 'the server broke the connection',
  UND_ERR_CLOSED: 'the connection is closed',
  UND_ERR_DESTROYED: 'the connection is closed',
  UND_ERR_CONNECT_TIMEOUT: 'the connection took too long',
  ETIMEDOUT: 'the connection took too long',
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not use the socket',
  EPERM: 'this user may not connect there',
  ENOTSOCK: 'the path is no socket',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name of the host cannot be looked up at the moment',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  EADDRNOTAVAIL: 'the address cannot be used',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the server does not speak TLS there; should the URL begin with http://?',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the server does not speak TLS there; should the URL begin with http://?',
};

const UNVERIFIED = 'the certificate of the server cannot be verified';
const UNKNOWN_AUTHORITY = 'the certificate of the server is signed by an authority that is not known here';

/** Of a certificate that cannot be verified, by the codes of OpenSSL and Node.js. */
const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate of the server has expired',
  CERT_NOT_YET_VALID: 'the certificate of the server is not valid yet, or the clock of this machine is behind',
  CERT_REVOKED: 'the certificate of the server was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate of the server is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the server is for another name',
  HOSTNAME_MISMATCH: 'the certificate of the server is for another name',
  ERR_TLS_CERT_ALTNAME_FORMAT: UNVERIFIED,
  CERT_CHAIN_TOO_LONG: UNVERIFIED,
  CERT_REJECTED: UNVERIFIED,
  CERT_SIGNATURE_FAILURE: UNVERIFIED,
  CERT_UNTRUSTED: UNVERIFIED,
  INVALID_CA: UNVERIFIED,
  INVALID_PURPOSE: UNVERIFIED,
  PATH_LENGTH_EXCEEDED: UNVERIFIED,
};

/** Whether there is a server, but its certificate cannot be verified. */
export function isCertificateError(error: unknown): boolean {
  return Object.hasOwn(CERTIFICATE, codeOf(error));
}

/** Why there is no connection, with the code of the system, by which it can be looked up. */
export function explainConnectionError(error: unknown): string {
  const code = codeOf(error);
  const text = CERTIFICATE[code] ?? CONNECTION[code];
  return text === undefined ? `the connection failed (${code})` : `${text} (${code})`;
}

/** The code of what a call of the system or a library threw; its message may quote what was sent. */
export function codeOf(error: unknown): string {
  const { code, name, errors } = (error ?? {}) as { code?: unknown; name?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  // Several addresses of one name that all failed come as one AggregateError.
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0]);
  return typeof name === 'string' ? name : 'failed';
}
