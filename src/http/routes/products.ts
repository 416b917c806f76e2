import type { ApiServer } from '../api-server.ts';
import { presentProduct } from '../presenters.ts';
import { sendProblem } from '../problem.ts';
import { productAnswer, productsAnswer } from '../schemas/products.ts';
import { idParams } from '../schemas/values.ts';
import type { ServerDeps } from '../server-deps.ts';

export function addProductRoutes(app: ApiServer, { reader, snapshots }: ServerDeps): void {
  app.get(
    '/products',
    {
      schema: {
        operationId: 'listProducts',
        summary: 'All products with what is available of them',
        tags: ['products'],
        response: { 200: productsAnswer },
      },
    },
    async () => ({ products: (await reader.products()).map(presentProduct) }),
  );

  app.get(
    '/products/:id',
    {
      config: { errors: ['product_not_found', 'invalid_request'] },
      schema: {
        operationId: 'getProduct',
        summary: 'A product with what is available of it',
        tags: ['products'],
        params: idParams,
        response: { 200: productAnswer },
      },
    },
    async (request, reply) => {
      const snapshot = await snapshots.get(request.params.id);
      return snapshot === null ? sendProblem(reply, { code: 'product_not_found' }) : presentProduct(snapshot);
    },
  );
}
