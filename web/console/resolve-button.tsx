import { useId, useState } from 'preact/hooks';
import type { ListedPaymentEvent, PaymentEventResolution } from '../../src/client/checkout-client.ts';
import { moneyText } from '../number-text.ts';
import { ActionForm } from './action-form.tsx';
import type { AdminApi } from './admin-api.ts';
import { resolution } from './confirmations.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';

type ResolveProps = {
  readonly api: AdminApi;
  readonly event: ListedPaymentEvent;
  onDone(words: string): void;
};
type Decision = PaymentEventResolution['decision'];

const choices: readonly { readonly decision: Decision; readonly label: string }[] = [
  { decision: 'refund', label: 'Refund it' },
  { decision: 'nothing_due', label: 'Nothing is due' },
];

/** Opens the decision about a payment event that waits for it. */
export function ResolveButton({ api, event, onDone }: ResolveProps) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setIsOpen(true)}>
        Decide
      </button>
      {isOpen ? (
        <ResolveDialog
          api={api}
          event={event}
          onDone={(words) => {
            setIsOpen(false);
            onDone(words);
          }}
          onClose={() => setIsOpen(false)}
        />
      ) : null}
    </>
  );
}

function ResolveDialog({ api, event, onDone, onClose }: ResolveProps & { onClose(): void }) {
  const [decision, setDecision] = useState<Decision | null>(null);
  const [reason, setReason] = useState('');
  const { idempotency_key, amount, currency, payment_reference } = event;
  const money = amount === null || currency === null ? 'of an unknown amount' : moneyText(amount, currency);
  const name = payment_reference ?? idempotency_key;
  const save = async (key: string) => {
    const { result } = await api.resolvePaymentEvent(
      { idempotency_key, decision: decision ?? 'nothing_due', reason },
      key,
    );
    return result === 'refund_due'
      ? `The refund of payment ${name} is due.`
      : `Payment ${name}: nothing is due.`;
  };
  return (
    <Dialog title={`Decide about payment ${name}`} onClose={onClose}>
      <ActionForm
        title="Decision"
        about={`A payment ${money}, event ${idempotency_key}. Look it up at the provider first.`}
        label="Decide"
        check={() => (decision === null ? 'Choose one of the two decisions first.' : null)}
        confirm={() => (decision === null ? null : resolution(event, decision))}
        onSubmit={save}
        onDone={onDone}
      >
        <Choices chosen={decision} onChoice={setDecision} />
        <Field label="Reason" name="reason" maxLength={200} value={reason} onValue={setReason} />
      </ActionForm>
    </Dialog>
  );
}

function Choices({
  chosen,
  onChoice,
}: {
  readonly chosen: Decision | null;
  onChoice(decision: Decision): void;
}) {
  const id = useId();
  return (
    <fieldset class="choices">
      <legend>Decision</legend>
      {choices.map(({ decision, label }) => (
        <label key={decision} for={`${id}-${decision}`}>
          <input
            id={`${id}-${decision}`}
            type="radio"
            name="decision"
            value={decision}
            checked={chosen === decision}
            onInput={() => onChoice(decision)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
