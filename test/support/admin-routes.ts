/** Every route of the admin API, below its base path. */
export const adminRoutes = [
  ['POST', '/products'],
  ['GET', '/products/1'],
  ['PATCH', '/products/1'],
  ['POST', '/products/1/stock'],
  ['GET', '/orders'],
  ['GET', '/holds'],
  ['GET', '/payment-events'],
  ['GET', '/refunds'],
  ['POST', '/refunds/1/settle'],
  ['GET', '/audit'],
  ['GET', '/events'],
  ['GET', '/deliveries'],
  ['POST', '/events/1/resend'],
  ['GET', '/endpoints'],
  ['POST', '/endpoints/shop.example-00000000/switch-on'],
] as const;
