/** The address of a server in that of its web application, as it is copied from a browser. */
export function withoutWebApp(url: string): string {
  return url.replace(/(?<=[^/])\/web(?=[/?#]|$).*$/s, '');
}
