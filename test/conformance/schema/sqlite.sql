CREATE TABLE "deliveries" ("id" bigint not null primary key,
  "event_id" bigint not null,
  "endpoint" text not null,
  "status" text not null,
  "attempts" integer not null,
  "next_attempt_at" integer not null,
  "last_error" text,
  "chain" bigint,
  "product_version" bigint not null,
  "position" integer not null,
  constraint "deliveries_event" unique ("event_id", "endpoint"),
  constraint "deliveries_event_exists" foreign key ("event_id") references "outgoing_events" ("id"),
  constraint "deliveries_status" check (status in ('pending', 'delivered', 'dead')));

CREATE INDEX "deliveries_due" on "deliveries" ("endpoint", "status", "next_attempt_at");

CREATE INDEX "deliveries_first" on "deliveries" ("endpoint", "status", "chain", "product_version", "position");

CREATE TABLE "disputes" ("id" integer not null primary key autoincrement,
  "payment_name" text not null,
  "dispute_id" text not null,
  "order_id" bigint,
  "hold_id" bigint not null,
  "product_id" bigint not null,
  "amount_minor" bigint not null,
  "currency" text not null,
  "status" text not null,
  "created_at" integer not null,
  constraint "disputes_payment" unique ("payment_name", "dispute_id"),
  constraint "disputes_payment_exists" foreign key ("payment_name") references "payments" ("name"),
  constraint "disputes_status" check (status in ('open', 'won', 'lost')));

CREATE INDEX "disputes_created" on "disputes" ("status", "created_at");

CREATE INDEX "disputes_hold" on "disputes" ("hold_id");

CREATE INDEX "disputes_order" on "disputes" ("order_id");

CREATE TABLE "event_endpoints" ("endpoint" text not null primary key,
  "leased_by" text,
  "leased_until" integer,
  "switched_off_at" integer,
  "reason" text);

CREATE TABLE "holds" ("id" bigint not null primary key,
  "product_id" bigint not null,
  "quantity" integer not null,
  "price_minor" bigint not null,
  "status" text not null,
  "open" integer not null,
  "consumed" integer not null,
  "release_reason" text,
  "parked" text,
  "expires_at" integer not null,
  "created_at" integer not null,
  constraint "holds_product_exists" foreign key ("product_id") references "products" ("id"),
  constraint "holds_quantity" check (quantity > 0),
  constraint "holds_status" check (status in ('held', 'ordered', 'consumed', 'released')),
  constraint "holds_open" check (open = (status in ('held', 'ordered'))),
  constraint "holds_consumed" check (consumed = (status = 'consumed')),
  constraint "holds_reason" check ((release_reason is not null) = (status = 'released')));

CREATE INDEX "holds_deadlines" on "holds" ("product_id", "open", "expires_at", "quantity");

CREATE INDEX "holds_expiry" on "holds" ("expires_at", "consumed");

CREATE TABLE "idempotency_keys" ("id" integer not null primary key autoincrement,
  "idempotency_key" text not null,
  "order_id" bigint,
  "hold_id" bigint,
  "product_id" bigint,
  "status" text not null,
  "amount_minor" bigint,
  "currency" text,
  "payment_reference" text,
  "result" text not null,
  "answer" text not null,
  "received_at" integer not null,
  "receipt_id" bigint,
  "fact_id" text,
  "occurred_at" integer,
  constraint "idempotency_keys_key" unique ("idempotency_key"));

CREATE INDEX "idempotency_keys_hold" on "idempotency_keys" ("hold_id");

CREATE INDEX "idempotency_keys_order" on "idempotency_keys" ("order_id");

CREATE INDEX "idempotency_keys_reference" on "idempotency_keys" ("payment_reference", "id");

CREATE INDEX "idempotency_keys_waiting" on "idempotency_keys" ("result", "product_id", "received_at");

CREATE TABLE "kysely_migration" ("name" varchar(255) not null primary key,
  "timestamp" varchar(255) not null);

CREATE TABLE "kysely_migration_lock" ("id" varchar(255) not null primary key,
  "is_locked" integer default 0 not null);

CREATE TABLE "operator_decisions" ("id" bigint not null primary key,
  "choice" text not null,
  "event_key" text,
  "payment_name" text not null,
  "order_id" bigint,
  "hold_id" bigint,
  "product_id" bigint,
  "amount_minor" bigint,
  "currency" text,
  "restocked" integer not null,
  "reason" text not null,
  "created_at" integer not null,
  constraint "operator_decisions_event" unique ("event_key"),
  constraint "operator_decisions_choice" check (choice in ('pay', 'refund', 'nothing_due')));

CREATE INDEX "operator_decisions_created" on "operator_decisions" ("created_at", "id");

CREATE INDEX "operator_decisions_order" on "operator_decisions" ("order_id", "created_at");

CREATE TABLE "orders" ("id" bigint not null primary key,
  "hold_id" bigint not null,
  "product_id" bigint not null,
  "quantity" integer not null,
  "total_minor" bigint not null,
  "minor_per_major" integer not null,
  "total" decimal(19, 4) generated always as ("total_minor" * 1.0 / "minor_per_major") stored,
  "currency" text not null,
  "status" text not null,
  "payment_due_at" integer not null,
  "created_at" integer not null,
  constraint "orders_hold" unique ("hold_id"),
  constraint "orders_hold_exists" foreign key ("hold_id") references "holds" ("id"),
  constraint "orders_product_exists" foreign key ("product_id") references "products" ("id"),
  constraint "orders_status" check (status in ('pending', 'paid', 'failed', 'cancelled', 'expired', 'refund_due', 'refunded')));

CREATE INDEX "orders_created" on "orders" ("created_at", "id");

CREATE INDEX "orders_product" on "orders" ("product_id", "status");

CREATE TABLE "outgoing_events" ("id" bigint not null primary key,
  "type" text not null,
  "product_id" bigint,
  "order_id" bigint,
  "hold_id" bigint,
  "product_version" bigint not null,
  "position" integer not null,
  "data" text not null,
  "created_at" integer not null);

CREATE INDEX "outgoing_events_created" on "outgoing_events" ("created_at", "id");

CREATE INDEX "outgoing_events_hold" on "outgoing_events" ("hold_id", "created_at");

CREATE INDEX "outgoing_events_order" on "outgoing_events" ("order_id", "created_at");

CREATE INDEX "outgoing_events_product" on "outgoing_events" ("product_id", "created_at");

CREATE TABLE "payment_intents" ("order_id" bigint not null primary key,
  "hold_id" bigint not null,
  "product_id" bigint not null,
  "provider" text not null,
  "reference" text not null,
  "client_secret" text not null,
  "status" text not null,
  "created_at" integer not null,
  constraint "payment_intents_reference" unique ("reference", "provider"),
  constraint "payment_intents_order_exists" foreign key ("order_id") references "orders" ("id"),
  constraint "payment_intents_status" check (status in ('open', 'closed')));

CREATE INDEX "payment_intents_open" on "payment_intents" ("status", "created_at");

CREATE TABLE "payments" ("name" text not null primary key,
  "order_id" bigint,
  "hold_id" bigint not null,
  "product_id" bigint not null,
  "amount_minor" bigint not null,
  "currency" text not null,
  "settlement" text not null,
  "created_at" integer not null,
  "decision" text,
  constraint "payments_settlement" check (settlement in ('fulfilled', 'refunded', 'flagged')));

CREATE INDEX "payments_hold" on "payments" ("hold_id");

CREATE TABLE "products" ("id" bigint not null primary key,
  "name" text not null,
  "price_minor" bigint not null,
  "currency" text not null,
  "stock" integer not null,
  "held" integer not null,
  "version" bigint not null,
  "opens_at" integer,
  "closes_at" integer,
  constraint "products_stock" check (stock >= 0),
  constraint "products_held" check (held >= 0 and held <= stock),
  constraint "products_price" check (price_minor > 0));

CREATE TABLE "refunds" ("id" bigint not null primary key,
  "payment_name" text not null,
  "order_id" bigint,
  "hold_id" bigint not null,
  "product_id" bigint not null,
  "amount_minor" bigint not null,
  "currency" text not null,
  "status" text not null,
  "reason" text not null,
  "created_at" integer not null,
  "attempts" integer default 0 not null,
  "next_attempt_at" integer,
  "first_sent_at" integer,
  "provider_reference" text,
  "last_error" text,
  "owed_minor" bigint,
  "returned_minor" bigint,
  "sent_minor" bigint,
  "sends" text,
  "looked_up_minor" bigint,
  "looked_up_at" integer,
  "attempt_minor" bigint,
  "leased_until" integer,
  "summed_status" text,
  constraint "refunds_payment" unique ("payment_name"),
  constraint "refunds_payment_exists" foreign key ("payment_name") references "payments" ("name"),
  constraint "refunds_status" check (status in ('due', 'succeeded')));

CREATE INDEX "refunds_created" on "refunds" ("status", "created_at");

CREATE INDEX "refunds_hold" on "refunds" ("hold_id", "created_at");

CREATE INDEX "refunds_order" on "refunds" ("order_id");

CREATE TABLE "refused_payments" ("order_id" bigint not null primary key,
  "hold_id" bigint not null,
  "product_id" bigint not null,
  "provider" text not null,
  "price_minor" bigint not null,
  "reason" text not null,
  "created_at" integer not null,
  constraint "refused_payments_order_exists" foreign key ("order_id") references "orders" ("id"));

CREATE INDEX "refused_payments_created" on "refused_payments" ("created_at");

CREATE TABLE "request_keys" ("scope" text not null,
  "idempotency_key" text not null,
  "fingerprint" text not null,
  "answer" text not null,
  "created_at" integer not null,
  "receipt_id" bigint,
  constraint "request_keys_pk" primary key ("idempotency_key", "scope"));

CREATE INDEX "request_keys_created" on "request_keys" ("created_at");

CREATE TABLE "stock_changes" ("id" bigint not null primary key,
  "product_id" bigint not null,
  "units" integer not null,
  "reason" text not null,
  "created_at" integer not null,
  constraint "stock_changes_product_exists" foreign key ("product_id") references "products" ("id"));

CREATE INDEX "stock_changes_product" on "stock_changes" ("product_id");
