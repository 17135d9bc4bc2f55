/** The address of a server in that of its web application, as it is copied from a browser; a socket has none. */
export function withoutWebApp(url: string): string {
  return url.startsWith('unix:') ? url : url.replace(/(?<=[^/])\/web(?=[/?#]|$).*$/s, '');
}
