/** Kept for this tab only and gone with it. The token gives all power over the sale, so it is never in a URL and never on disk. */
const key = 'flash-sale-admin-token';

export function keptToken(): string | null {
  return sessionStorage.getItem(key);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(key, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(key);
}
