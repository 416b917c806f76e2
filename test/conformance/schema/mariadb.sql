CREATE TABLE `deliveries` (
  `id` bigint(20) NOT NULL,
  `event_id` bigint(20) NOT NULL,
  `endpoint` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `status` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `attempts` bigint(20) NOT NULL,
  `next_attempt_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  `last_error` text CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `chain` bigint(20) DEFAULT NULL,
  `product_version` bigint(20) NOT NULL,
  `position` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `deliveries_event` (`event_id`,`endpoint`),
  KEY `deliveries_due` (`endpoint`,`status`,`next_attempt_at`),
  KEY `deliveries_first` (`endpoint`,`status`,`chain`,`product_version`,`position`),
  CONSTRAINT `deliveries_event_exists` FOREIGN KEY (`event_id`) REFERENCES `outgoing_events` (`id`),
  CONSTRAINT `deliveries_status` CHECK (`status` in ('pending','delivered','dead'))
) ENGINE=InnoDB;

CREATE TABLE `disputes` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `payment_name` varchar(259) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `dispute_id` varchar(259) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `order_id` bigint(20) DEFAULT NULL,
  `hold_id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `amount_minor` bigint(20) NOT NULL,
  `currency` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `status` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `disputes_payment` (`payment_name`,`dispute_id`),
  KEY `disputes_created` (`status`,`created_at`),
  KEY `disputes_order` (`order_id`),
  KEY `disputes_hold` (`hold_id`),
  CONSTRAINT `disputes_payment_exists` FOREIGN KEY (`payment_name`) REFERENCES `payments` (`name`),
  CONSTRAINT `disputes_status` CHECK (`status` in ('open','won','lost'))
) ENGINE=InnoDB;

CREATE TABLE `event_endpoints` (
  `endpoint` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `leased_by` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `leased_until` datetime(3) DEFAULT NULL,
  `switched_off_at` datetime(3) DEFAULT NULL,
  `reason` text CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  PRIMARY KEY (`endpoint`)
) ENGINE=InnoDB;

CREATE TABLE `holds` (
  `id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `quantity` bigint(20) NOT NULL,
  `price_minor` bigint(20) NOT NULL,
  `status` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `open` tinyint(1) NOT NULL,
  `consumed` tinyint(1) NOT NULL,
  `release_reason` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `parked` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `expires_at` timestamp NOT NULL DEFAULT current_timestamp(),
  `created_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  PRIMARY KEY (`id`),
  KEY `holds_expiry` (`expires_at`,`consumed`),
  KEY `holds_deadlines` (`product_id`,`open`,`expires_at`,`quantity`),
  CONSTRAINT `holds_product_exists` FOREIGN KEY (`product_id`) REFERENCES `products` (`id`),
  CONSTRAINT `holds_quantity` CHECK (`quantity` > 0),
  CONSTRAINT `holds_status` CHECK (`status` in ('held','ordered','consumed','released')),
  CONSTRAINT `holds_open` CHECK (`open` = `status` in ('held','ordered')),
  CONSTRAINT `holds_consumed` CHECK (`consumed` = (`status` = 'consumed')),
  CONSTRAINT `holds_reason` CHECK (`release_reason` is not null = (`status` = 'released'))
) ENGINE=InnoDB;

CREATE TABLE `idempotency_keys` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `idempotency_key` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `order_id` bigint(20) DEFAULT NULL,
  `hold_id` bigint(20) DEFAULT NULL,
  `product_id` bigint(20) DEFAULT NULL,
  `status` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `amount_minor` bigint(20) DEFAULT NULL,
  `currency` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `payment_reference` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `result` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `answer` text CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `received_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  `receipt_id` bigint(20) DEFAULT NULL,
  `fact_id` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `occurred_at` datetime(3) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `idempotency_keys_key` (`idempotency_key`),
  KEY `idempotency_keys_order` (`order_id`),
  KEY `idempotency_keys_hold` (`hold_id`),
  KEY `idempotency_keys_waiting` (`result`,`product_id`,`received_at`),
  KEY `idempotency_keys_reference` (`payment_reference`,`id`)
) ENGINE=InnoDB;

CREATE TABLE `kysely_migration` (
  `name` varchar(255) NOT NULL,
  `timestamp` varchar(255) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB;

CREATE TABLE `kysely_migration_lock` (
  `id` varchar(255) NOT NULL,
  `is_locked` int(11) NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB;

CREATE TABLE `operator_decisions` (
  `id` bigint(20) NOT NULL,
  `choice` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `event_key` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `payment_name` varchar(259) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `order_id` bigint(20) DEFAULT NULL,
  `hold_id` bigint(20) DEFAULT NULL,
  `product_id` bigint(20) DEFAULT NULL,
  `amount_minor` bigint(20) DEFAULT NULL,
  `currency` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `restocked` bigint(20) NOT NULL,
  `reason` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `operator_decisions_event` (`event_key`),
  KEY `operator_decisions_order` (`order_id`,`created_at`),
  KEY `operator_decisions_created` (`created_at`,`id`),
  CONSTRAINT `operator_decisions_choice` CHECK (`choice` in ('pay','refund','nothing_due'))
) ENGINE=InnoDB;

CREATE TABLE `orders` (
  `id` bigint(20) NOT NULL,
  `hold_id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `quantity` bigint(20) NOT NULL,
  `total_minor` bigint(20) NOT NULL,
  `minor_per_major` bigint(20) NOT NULL,
  `total` decimal(19,4) GENERATED ALWAYS AS (`total_minor` / `minor_per_major`) STORED,
  `currency` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `status` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `payment_due_at` timestamp NOT NULL DEFAULT current_timestamp(),
  `created_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  PRIMARY KEY (`id`),
  UNIQUE KEY `orders_hold` (`hold_id`),
  KEY `orders_created` (`created_at`,`id`),
  KEY `orders_product` (`product_id`,`status`),
  CONSTRAINT `orders_hold_exists` FOREIGN KEY (`hold_id`) REFERENCES `holds` (`id`),
  CONSTRAINT `orders_product_exists` FOREIGN KEY (`product_id`) REFERENCES `products` (`id`),
  CONSTRAINT `orders_status` CHECK (`status` in ('pending','paid','failed','cancelled','expired','refund_due','refunded'))
) ENGINE=InnoDB;

CREATE TABLE `outgoing_events` (
  `id` bigint(20) NOT NULL,
  `type` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `product_id` bigint(20) DEFAULT NULL,
  `order_id` bigint(20) DEFAULT NULL,
  `hold_id` bigint(20) DEFAULT NULL,
  `product_version` bigint(20) NOT NULL,
  `position` bigint(20) NOT NULL,
  `data` mediumtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  PRIMARY KEY (`id`),
  KEY `outgoing_events_created` (`created_at`,`id`),
  KEY `outgoing_events_order` (`order_id`,`created_at`),
  KEY `outgoing_events_product` (`product_id`,`created_at`),
  KEY `outgoing_events_hold` (`hold_id`,`created_at`)
) ENGINE=InnoDB;

CREATE TABLE `payments` (
  `name` varchar(259) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `order_id` bigint(20) DEFAULT NULL,
  `hold_id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `amount_minor` bigint(20) NOT NULL,
  `currency` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `settlement` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  `decision` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  PRIMARY KEY (`name`),
  KEY `payments_hold` (`hold_id`),
  CONSTRAINT `payments_settlement` CHECK (`settlement` in ('fulfilled','refunded','flagged'))
) ENGINE=InnoDB;

CREATE TABLE `payment_intents` (
  `order_id` bigint(20) NOT NULL,
  `hold_id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `provider` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `reference` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `client_secret` text CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `status` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  PRIMARY KEY (`order_id`),
  UNIQUE KEY `payment_intents_reference` (`reference`,`provider`),
  KEY `payment_intents_open` (`status`,`created_at`),
  CONSTRAINT `payment_intents_order_exists` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`),
  CONSTRAINT `payment_intents_status` CHECK (`status` in ('open','closed'))
) ENGINE=InnoDB;

CREATE TABLE `products` (
  `id` bigint(20) NOT NULL,
  `name` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `price_minor` bigint(20) NOT NULL,
  `currency` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `stock` bigint(20) NOT NULL,
  `held` bigint(20) NOT NULL,
  `version` bigint(20) NOT NULL,
  `opens_at` datetime(3) DEFAULT NULL,
  `closes_at` datetime(3) DEFAULT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `products_stock` CHECK (`stock` >= 0),
  CONSTRAINT `products_held` CHECK (`held` >= 0 and `held` <= `stock`),
  CONSTRAINT `products_price` CHECK (`price_minor` > 0)
) ENGINE=InnoDB;

CREATE TABLE `refunds` (
  `id` bigint(20) NOT NULL,
  `payment_name` varchar(259) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `order_id` bigint(20) DEFAULT NULL,
  `hold_id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `amount_minor` bigint(20) NOT NULL,
  `currency` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `status` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `reason` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  `attempts` bigint(20) NOT NULL DEFAULT 0,
  `next_attempt_at` datetime(3) DEFAULT NULL,
  `first_sent_at` datetime(3) DEFAULT NULL,
  `provider_reference` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `last_error` text CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `owed_minor` bigint(20) DEFAULT NULL,
  `returned_minor` bigint(20) DEFAULT NULL,
  `sent_minor` bigint(20) DEFAULT NULL,
  `sends` text CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  `looked_up_minor` bigint(20) DEFAULT NULL,
  `looked_up_at` datetime(3) DEFAULT NULL,
  `attempt_minor` bigint(20) DEFAULT NULL,
  `leased_until` datetime(3) DEFAULT NULL,
  `summed_status` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `refunds_payment` (`payment_name`),
  KEY `refunds_order` (`order_id`),
  KEY `refunds_created` (`status`,`created_at`),
  KEY `refunds_hold` (`hold_id`,`created_at`),
  CONSTRAINT `refunds_payment_exists` FOREIGN KEY (`payment_name`) REFERENCES `payments` (`name`),
  CONSTRAINT `refunds_status` CHECK (`status` in ('due','succeeded'))
) ENGINE=InnoDB;

CREATE TABLE `refused_payments` (
  `order_id` bigint(20) NOT NULL,
  `hold_id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `provider` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `price_minor` bigint(20) NOT NULL,
  `reason` text CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  PRIMARY KEY (`order_id`),
  KEY `refused_payments_created` (`created_at`),
  CONSTRAINT `refused_payments_order_exists` FOREIGN KEY (`order_id`) REFERENCES `orders` (`id`)
) ENGINE=InnoDB;

CREATE TABLE `request_keys` (
  `scope` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `idempotency_key` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `fingerprint` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `answer` text CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  `receipt_id` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`idempotency_key`,`scope`),
  KEY `request_keys_created` (`created_at`)
) ENGINE=InnoDB;

CREATE TABLE `stock_changes` (
  `id` bigint(20) NOT NULL,
  `product_id` bigint(20) NOT NULL,
  `units` bigint(20) NOT NULL,
  `reason` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
  `created_at` timestamp(3) NOT NULL DEFAULT current_timestamp(3),
  PRIMARY KEY (`id`),
  KEY `stock_changes_product` (`product_id`),
  CONSTRAINT `stock_changes_product_exists` FOREIGN KEY (`product_id`) REFERENCES `products` (`id`)
) ENGINE=InnoDB;
