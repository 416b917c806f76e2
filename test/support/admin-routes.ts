/** Every route of the admin API, below its base path. */
export const adminRoutes = [
  ['POST', '/products'],
  ['PATCH', '/products/1'],
  ['POST', '/products/1/stock'],
  ['GET', '/orders'],
  ['GET', '/holds'],
  ['GET', '/payment-events'],
  ['GET', '/refunds'],
  ['POST', '/refunds/1/settle'],
  ['GET', '/audit'],
] as const;
