create table deliveries (
  id bigint not null,
  event_id bigint not null,
  endpoint character varying(255) collate "C" not null,
  status character varying(64) collate "C" not null,
  attempts bigint not null,
  next_attempt_at timestamp(3) with time zone not null,
  last_error text,
  chain bigint,
  product_version bigint not null,
  "position" bigint not null,
  constraint deliveries_event UNIQUE (event_id, endpoint),
  constraint deliveries_pkey PRIMARY KEY (id),
  constraint deliveries_event_exists FOREIGN KEY (event_id) REFERENCES outgoing_events(id),
  constraint deliveries_status CHECK (((status)::text = ANY ((ARRAY['pending'::character varying, 'delivered'::character varying, 'dead'::character varying])::text[])))
);
CREATE INDEX deliveries_due ON public.deliveries USING btree (endpoint, status, next_attempt_at);
CREATE INDEX deliveries_first ON public.deliveries USING btree (endpoint, status, chain, product_version, "position");

create table disputes (
  id bigint generated as identity not null,
  payment_name character varying(259) collate "C" not null,
  dispute_id character varying(259) collate "C" not null,
  order_id bigint,
  hold_id bigint not null,
  product_id bigint not null,
  amount_minor bigint not null,
  currency character varying(64) collate "C" not null,
  status character varying(64) collate "C" not null,
  created_at timestamp(3) with time zone not null,
  constraint disputes_payment UNIQUE (payment_name, dispute_id),
  constraint disputes_pkey PRIMARY KEY (id),
  constraint disputes_payment_exists FOREIGN KEY (payment_name) REFERENCES payments(name),
  constraint disputes_status CHECK (((status)::text = ANY ((ARRAY['open'::character varying, 'won'::character varying, 'lost'::character varying])::text[])))
);
CREATE INDEX disputes_created ON public.disputes USING btree (status, created_at);
CREATE INDEX disputes_hold ON public.disputes USING btree (hold_id);
CREATE INDEX disputes_order ON public.disputes USING btree (order_id);

create table event_endpoints (
  endpoint character varying(255) collate "C" not null,
  leased_by character varying(255) collate "C",
  leased_until timestamp(3) with time zone,
  switched_off_at timestamp(3) with time zone,
  reason text,
  constraint event_endpoints_pkey PRIMARY KEY (endpoint)
);

create table holds (
  id bigint not null,
  product_id bigint not null,
  quantity bigint not null,
  price_minor bigint not null,
  status character varying(64) collate "C" not null,
  open boolean not null,
  consumed boolean not null,
  release_reason character varying(64) collate "C",
  parked character varying(64) collate "C",
  expires_at timestamp(3) with time zone not null,
  created_at timestamp(3) with time zone not null,
  constraint holds_pkey PRIMARY KEY (id),
  constraint holds_product_exists FOREIGN KEY (product_id) REFERENCES products(id),
  constraint holds_consumed CHECK ((consumed = ((status)::text = 'consumed'::text))),
  constraint holds_open CHECK ((open = ((status)::text = ANY ((ARRAY['held'::character varying, 'ordered'::character varying])::text[])))),
  constraint holds_quantity CHECK ((quantity > 0)),
  constraint holds_reason CHECK (((release_reason IS NOT NULL) = ((status)::text = 'released'::text))),
  constraint holds_status CHECK (((status)::text = ANY ((ARRAY['held'::character varying, 'ordered'::character varying, 'consumed'::character varying, 'released'::character varying])::text[])))
);
CREATE INDEX holds_deadlines ON public.holds USING btree (product_id, open, expires_at, quantity);
CREATE INDEX holds_expiry ON public.holds USING btree (expires_at, consumed);

create table idempotency_keys (
  id bigint generated as identity not null,
  idempotency_key character varying(255) collate "C" not null,
  order_id bigint,
  hold_id bigint,
  product_id bigint,
  status character varying(64) collate "C" not null,
  amount_minor bigint,
  currency character varying(64) collate "C",
  payment_reference character varying(255) collate "C",
  result character varying(64) collate "C" not null,
  answer text not null,
  received_at timestamp(3) with time zone not null,
  receipt_id bigint,
  fact_id character varying(255) collate "C",
  occurred_at timestamp(3) with time zone,
  constraint idempotency_keys_key UNIQUE (idempotency_key),
  constraint idempotency_keys_pkey PRIMARY KEY (id)
);
CREATE INDEX idempotency_keys_hold ON public.idempotency_keys USING btree (hold_id);
CREATE INDEX idempotency_keys_order ON public.idempotency_keys USING btree (order_id);
CREATE INDEX idempotency_keys_reference ON public.idempotency_keys USING btree (payment_reference, id);
CREATE INDEX idempotency_keys_waiting ON public.idempotency_keys USING btree (result, product_id, received_at);

create table kysely_migration (
  name character varying(255) not null,
  "timestamp" character varying(255) not null,
  constraint kysely_migration_pkey PRIMARY KEY (name)
);

create table kysely_migration_lock (
  id character varying(255) not null,
  is_locked integer default 0 not null,
  constraint kysely_migration_lock_pkey PRIMARY KEY (id)
);

create table operator_decisions (
  id bigint not null,
  choice character varying(64) collate "C" not null,
  event_key character varying(255) collate "C",
  payment_name character varying(259) collate "C" not null,
  order_id bigint,
  hold_id bigint,
  product_id bigint,
  amount_minor bigint,
  currency character varying(64) collate "C",
  restocked bigint not null,
  reason character varying(255) collate "C" not null,
  created_at timestamp(3) with time zone not null,
  constraint operator_decisions_event UNIQUE (event_key),
  constraint operator_decisions_pkey PRIMARY KEY (id),
  constraint operator_decisions_choice CHECK (((choice)::text = ANY ((ARRAY['pay'::character varying, 'refund'::character varying, 'nothing_due'::character varying])::text[])))
);
CREATE INDEX operator_decisions_created ON public.operator_decisions USING btree (created_at, id);
CREATE INDEX operator_decisions_order ON public.operator_decisions USING btree (order_id, created_at);

create table orders (
  id bigint not null,
  hold_id bigint not null,
  product_id bigint not null,
  quantity bigint not null,
  total_minor bigint not null,
  minor_per_major bigint not null,
  total numeric(19,4) generated as ((total_minor)::numeric / (minor_per_major)::numeric),
  currency character varying(64) collate "C" not null,
  status character varying(64) collate "C" not null,
  payment_due_at timestamp(3) with time zone not null,
  created_at timestamp(3) with time zone not null,
  constraint orders_hold UNIQUE (hold_id),
  constraint orders_pkey PRIMARY KEY (id),
  constraint orders_hold_exists FOREIGN KEY (hold_id) REFERENCES holds(id),
  constraint orders_product_exists FOREIGN KEY (product_id) REFERENCES products(id),
  constraint orders_status CHECK (((status)::text = ANY ((ARRAY['pending'::character varying, 'paid'::character varying, 'failed'::character varying, 'cancelled'::character varying, 'expired'::character varying, 'refund_due'::character varying, 'refunded'::character varying])::text[])))
);
CREATE INDEX orders_created ON public.orders USING btree (created_at, id);
CREATE INDEX orders_product ON public.orders USING btree (product_id, status);

create table outgoing_events (
  id bigint not null,
  type character varying(64) collate "C" not null,
  product_id bigint,
  order_id bigint,
  hold_id bigint,
  product_version bigint not null,
  "position" bigint not null,
  data text not null,
  created_at timestamp(3) with time zone not null,
  constraint outgoing_events_pkey PRIMARY KEY (id)
);
CREATE INDEX outgoing_events_created ON public.outgoing_events USING btree (created_at, id);
CREATE INDEX outgoing_events_hold ON public.outgoing_events USING btree (hold_id, created_at);
CREATE INDEX outgoing_events_order ON public.outgoing_events USING btree (order_id, created_at);
CREATE INDEX outgoing_events_product ON public.outgoing_events USING btree (product_id, created_at);

create table payment_intents (
  order_id bigint not null,
  hold_id bigint not null,
  product_id bigint not null,
  provider character varying(64) collate "C" not null,
  reference character varying(255) collate "C" not null,
  client_secret text not null,
  status character varying(64) collate "C" not null,
  created_at timestamp(3) with time zone not null,
  constraint payment_intents_reference UNIQUE (reference, provider),
  constraint payment_intents_pkey PRIMARY KEY (order_id),
  constraint payment_intents_order_exists FOREIGN KEY (order_id) REFERENCES orders(id),
  constraint payment_intents_status CHECK (((status)::text = ANY ((ARRAY['open'::character varying, 'closed'::character varying])::text[])))
);
CREATE INDEX payment_intents_open ON public.payment_intents USING btree (status, created_at);

create table payments (
  name character varying(259) collate "C" not null,
  order_id bigint,
  hold_id bigint not null,
  product_id bigint not null,
  amount_minor bigint not null,
  currency character varying(64) collate "C" not null,
  settlement character varying(64) collate "C" not null,
  created_at timestamp(3) with time zone not null,
  decision character varying(64) collate "C",
  constraint payments_pkey PRIMARY KEY (name),
  constraint payments_settlement CHECK (((settlement)::text = ANY ((ARRAY['fulfilled'::character varying, 'refunded'::character varying, 'flagged'::character varying])::text[])))
);
CREATE INDEX payments_hold ON public.payments USING btree (hold_id);

create table products (
  id bigint not null,
  name character varying(255) collate "C" not null,
  price_minor bigint not null,
  currency character varying(64) collate "C" not null,
  stock bigint not null,
  held bigint not null,
  version bigint not null,
  opens_at timestamp(3) with time zone,
  closes_at timestamp(3) with time zone,
  constraint products_pkey PRIMARY KEY (id),
  constraint products_held CHECK (((held >= 0) AND (held <= stock))),
  constraint products_price CHECK ((price_minor > 0)),
  constraint products_stock CHECK ((stock >= 0))
);

create table refunds (
  id bigint not null,
  payment_name character varying(259) collate "C" not null,
  order_id bigint,
  hold_id bigint not null,
  product_id bigint not null,
  amount_minor bigint not null,
  currency character varying(64) collate "C" not null,
  status character varying(64) collate "C" not null,
  reason character varying(64) collate "C" not null,
  created_at timestamp(3) with time zone not null,
  attempts bigint default 0 not null,
  next_attempt_at timestamp(3) with time zone,
  first_sent_at timestamp(3) with time zone,
  provider_reference character varying(255) collate "C",
  last_error text,
  owed_minor bigint,
  returned_minor bigint,
  sent_minor bigint,
  sends text,
  looked_up_minor bigint,
  looked_up_at timestamp(3) with time zone,
  attempt_minor bigint,
  leased_until timestamp(3) with time zone,
  summed_status character varying(64) collate "C",
  constraint refunds_payment UNIQUE (payment_name),
  constraint refunds_pkey PRIMARY KEY (id),
  constraint refunds_payment_exists FOREIGN KEY (payment_name) REFERENCES payments(name),
  constraint refunds_status CHECK (((status)::text = ANY ((ARRAY['due'::character varying, 'succeeded'::character varying])::text[])))
);
CREATE INDEX refunds_created ON public.refunds USING btree (status, created_at);
CREATE INDEX refunds_hold ON public.refunds USING btree (hold_id, created_at);
CREATE INDEX refunds_order ON public.refunds USING btree (order_id);

create table refused_payments (
  order_id bigint not null,
  hold_id bigint not null,
  product_id bigint not null,
  provider character varying(64) collate "C" not null,
  price_minor bigint not null,
  reason text not null,
  created_at timestamp(3) with time zone not null,
  constraint refused_payments_pkey PRIMARY KEY (order_id),
  constraint refused_payments_order_exists FOREIGN KEY (order_id) REFERENCES orders(id)
);
CREATE INDEX refused_payments_created ON public.refused_payments USING btree (created_at);

create table request_keys (
  scope character varying(64) collate "C" not null,
  idempotency_key character varying(255) collate "C" not null,
  fingerprint character varying(64) collate "C" not null,
  answer text not null,
  created_at timestamp(3) with time zone not null,
  receipt_id bigint,
  constraint request_keys_pk PRIMARY KEY (idempotency_key, scope)
);
CREATE INDEX request_keys_created ON public.request_keys USING btree (created_at);

create table stock_changes (
  id bigint not null,
  product_id bigint not null,
  units bigint not null,
  reason character varying(255) collate "C" not null,
  created_at timestamp(3) with time zone not null,
  constraint stock_changes_pkey PRIMARY KEY (id),
  constraint stock_changes_product_exists FOREIGN KEY (product_id) REFERENCES products(id)
);
CREATE INDEX stock_changes_product ON public.stock_changes USING btree (product_id);
