import { useRef, useState } from 'preact/hooks';
import { type AdminApi, createAdminApi } from './admin-api.ts';
import { type Failure, refusalOf } from './failure-text.ts';

type TokenFormProps = {
  /** Why the token that was there is no longer taken. */
  readonly refusal: Failure | null;
  onToken(token: string, api: AdminApi): void;
};

/** Asks for the admin token, and lets nobody in before the service has taken it. */
export function TokenForm({ refusal, onToken }: TokenFormProps) {
  const [token, setToken] = useState('');
  const [failure, setFailure] = useState(refusal);
  const input = useRef<HTMLInputElement>(null);
  const [isAsking, setIsAsking] = useState(false);

  const submit = async () => {
    if (isAsking) {
      return;
    }
    const given = token.trim();
    setIsAsking(true);
    setFailure(null);
    const api = createAdminApi(given);
    try {
      await api.checkToken();
      onToken(given, api);
    } catch (error) {
      setFailure(refusalOf(error));
      setIsAsking(false);
      input.current?.focus();
    }
  };
  const tokenError = failure?.fields.token;
  return (
    <main class="token">
      <h1>Flash-sale console</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <label for="token">Admin token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          required
          aria-invalid={tokenError !== undefined}
          aria-describedby="token-help token-error"
          ref={input}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <p id="token-help" class="help">
          The value of <code>ADMIN_TOKEN</code> of the service. It stays in this tab and is gone with it.
        </p>
        <p id="token-error" class="failure">
          {tokenError}
        </p>
        <button type="submit" class="main" aria-disabled={isAsking}>
          {isAsking ? 'Checking…' : 'Show the sale'}
        </button>
        <p role="alert" class="failure">
          {failure?.summary}
        </p>
      </form>
    </main>
  );
}
