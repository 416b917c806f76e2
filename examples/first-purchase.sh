#!/bin/sh
# The same purchase with nothing but curl. Needs `npm start` in another terminal.
#
#   sh examples/first-purchase.sh
set -eu
api=${SERVICE_URL:-http://127.0.0.1:8000}/api/v1

# The value of a field of the JSON on stdin.
field() {
  sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"
}

# With a key of its own, a request may be sent again and again: it counts once.
post() {
  curl --silent --show-error --fail-with-body --retry 5 \
    -H 'Content-Type: application/json' -H "Idempotency-Key: $1" -d "$3" "$api$2"
}
key=$(date +%s)-$$

hold_id=$(post "hold-$key" /holds '{"product_id": 3, "qty": 1}' | field hold_id)
echo "held: $(curl -s "$api/products/3" | field held_stock) of $(curl -s "$api/products/3" | field stock)"

order=$(post "order-$key" /orders "{\"hold_id\": $hold_id}")
order_id=$(echo "$order" | field order_id)
echo "order: $(echo "$order" | field total) $(echo "$order" | field currency), $(echo "$order" | field status)"

# What a payment provider would say; on this machine it is believed unsigned.
event="{\"idempotency_key\": \"payment-$key\", \"order_id\": $order_id, \"status\": \"paid\"}"
echo "payment: $(post "payment-$key" /payments/webhook "$event" | field result)"
echo "order: $(curl -s "$api/orders/$order_id" | field status)"

# Prints, with a new database:
# held: 1 of 40
# order: 249.5 USD, pending
# payment: processed
# order: paid
