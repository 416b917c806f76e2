type QuantityStepperProps = {
  readonly name: string;
  readonly quantity: number;
  readonly max: number;
  onChange(quantity: number): void;
};

/** How many of a product: one more, one fewer. At its ends a button does nothing and keeps the focus. */
export function QuantityStepper({ name, quantity, max, onChange }: QuantityStepperProps) {
  const step = (change: number) => onChange(Math.min(max, Math.max(1, quantity + change)));
  return (
    <fieldset class="stepper">
      <legend class="unseen">How many: {name}</legend>
      <button type="button" aria-label="One fewer" aria-disabled={quantity <= 1} onClick={() => step(-1)}>
        −
      </button>
      <output>{quantity}</output>
      <button type="button" aria-label="One more" aria-disabled={quantity >= max} onClick={() => step(1)}>
        +
      </button>
    </fieldset>
  );
}
