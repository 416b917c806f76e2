import { useState } from 'preact/hooks';
import { type AdminApi, createAdminApi } from './admin-api.ts';
import type { Failure } from './failure-text.ts';
import { forgetToken, keepToken, keptToken } from './kept-token.ts';
import { SaleScreen } from './sale-screen.tsx';
import { TokenForm } from './token-form.tsx';

/** The whole page: who has no token is asked for one, who has sees the sale. */
export function Console() {
  const [api, setApi] = useState<AdminApi | null>(() => {
    const token = keptToken();
    return token === null ? null : createAdminApi(token);
  });
  const [refusal, setRefusal] = useState<Failure | null>(null);

  const leave = (why: Failure | null) => {
    forgetToken();
    setRefusal(why);
    setApi(null);
  };
  if (api !== null) {
    return <SaleScreen api={api} onLeave={leave} />;
  }
  return (
    <TokenForm
      refusal={refusal}
      onToken={(token, accepted) => {
        keepToken(token);
        setApi(accepted);
      }}
    />
  );
}
