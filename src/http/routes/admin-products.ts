import type { FastifyReply } from 'fastify';
import type { ProductSnapshot } from '../../domain/product.ts';
import { type ApiServer, apiBase } from '../api-server.ts';
import { entityTagOf, expectedVersions, ifMatchHeaders } from '../entity-tags.ts';
import { keyedRequest, markReplay, operatorKeyHeaders } from '../keyed-request.ts';
import { presentAdminProduct } from '../presenters.ts';
import { type FieldError, invalidRequest, sendProblem } from '../problem.ts';
import { readNewProduct, readSaleWindow } from '../product-request.ts';
import { isRefused, problemOf } from '../refusal-problem.ts';
import { changeStockBody, createProductBody, updateProductBody } from '../schemas/admin.ts';
import { type AdminProductAnswer, adminProductAnswer } from '../schemas/products.ts';
import { idParams } from '../schemas/values.ts';
import type { ServerDeps } from '../server-deps.ts';

const tags = ['admin'];
const security = [{ adminToken: [] }];

export function addAdminProductRoutes(app: ApiServer, { engine, reader, newId }: ServerDeps): void {
  app.post(
    '/products',
    {
      config: {
        errors: ['unauthorized', 'rate_limited', 'invalid_request', 'idempotency_key_reused', 'overloaded'],
      },
      schema: {
        operationId: 'createProduct',
        summary: 'Put a product on sale',
        tags,
        security,
        headers: operatorKeyHeaders,
        body: createProductBody,
        response: { 201: adminProductAnswer },
      },
    },
    async (request, reply) => {
      const { name, stock } = request.body;
      const product = readNewProduct(request.body);
      if ('code' in product) {
        return sendProblem(reply, product);
      }
      const { outcome } = await engine.submit({
        kind: 'create_product',
        stockChangeId: newId(),
        name,
        stock,
        reason: 'first stock',
        ...product,
        requestKey: keyedRequest(
          request.headers,
          name,
          product.priceMinor,
          product.currency,
          stock,
          product.opensAtMs,
          product.closesAtMs,
        ),
      });
      if (isRefused(outcome)) {
        return sendProblem(reply, problemOf(outcome));
      }
      markReplay(reply, outcome);
      reply.code(201).header('location', `${apiBase}/products/${outcome.product.id}`);
      return present(reply, outcome.product);
    },
  );

  app.get(
    '/products/:id',
    {
      config: { errors: ['unauthorized', 'rate_limited', 'product_not_found', 'invalid_request'] },
      schema: {
        operationId: 'adminGetProduct',
        summary: 'A product as the database has it, with the version that an edit may name',
        tags,
        security,
        params: idParams,
        response: { 200: adminProductAnswer },
      },
    },
    async (request, reply) => {
      const product = await reader.product(request.params.id);
      return product === null ? sendProblem(reply, { code: 'product_not_found' }) : present(reply, product);
    },
  );

  app.patch(
    '/products/:id',
    {
      config: {
        errors: [
          'unauthorized',
          'rate_limited',
          'product_not_found',
          'version_mismatch',
          'invalid_request',
          'overloaded',
        ],
      },
      schema: {
        operationId: 'updateProduct',
        summary: 'Change name, price or sale window; holds keep the price at which they were made',
        tags,
        security,
        params: idParams,
        headers: ifMatchHeaders,
        body: updateProductBody,
        response: { 200: adminProductAnswer },
      },
    },
    async (request, reply) => {
      const errors: FieldError[] = [];
      const window = readSaleWindow(request.body, errors);
      if (errors.length > 0) {
        return sendProblem(reply, invalidRequest(errors));
      }
      const { outcome } = await engine.submit({
        kind: 'update_product',
        productId: request.params.id,
        name: request.body.name,
        price: request.body.price,
        ...window,
        expectedVersions: expectedVersions(request.headers['if-match']),
      });
      return isRefused(outcome) ? sendProblem(reply, problemOf(outcome)) : present(reply, outcome.product);
    },
  );

  app.post(
    '/products/:id/stock',
    {
      config: {
        errors: [
          'unauthorized',
          'rate_limited',
          'product_not_found',
          'stock_below_held',
          'invalid_request',
          'idempotency_key_reused',
          'overloaded',
        ],
      },
      schema: {
        operationId: 'changeStock',
        summary: 'Put units on the shelf or take some away, never below what is held',
        tags,
        security,
        params: idParams,
        headers: operatorKeyHeaders,
        body: changeStockBody,
        response: { 200: adminProductAnswer },
      },
    },
    async ({ params, headers, body }, reply) => {
      const { change, reason } = body;
      const { outcome } = await engine.submit({
        kind: 'change_stock',
        stockChangeId: newId(),
        productId: params.id,
        change,
        reason,
        requestKey: keyedRequest(headers, params.id, change, reason),
      });
      if (isRefused(outcome)) {
        return sendProblem(reply, problemOf(outcome));
      }
      markReplay(reply, outcome);
      return present(reply, outcome.product);
    },
  );

  function present(reply: Pick<FastifyReply, 'header'>, snapshot: ProductSnapshot): AdminProductAnswer {
    const product = presentAdminProduct(snapshot);
    reply.header('etag', entityTagOf(product.version));
    return product;
  }
}
