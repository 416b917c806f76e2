# One image for every command: `serve`, `worker`, `migrate`, `seed`, `audit`, `cache-clear`.
#
# Not run yet: there was no container engine where this was written. What can be checked without one is, in
# test/docs/containers.test.ts.

# The same version that package.json pins. The slim image, because a smaller one has another C library.
ARG NODE_VERSION=26.10.0

FROM node:${NODE_VERSION}-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are that same Node once more, for machines that have an older one.
# No scripts: the project's own would build the pages, which come from below, and what others import from this
# package, which a service does not need.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM packages AS pages
RUN npm ci --omit=optional --ignore-scripts
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
COPY web ./web
RUN npm run build:pages

FROM node:${NODE_VERSION}-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000 \
    LOG_FILE=""
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY --from=pages /app/dist ./dist
COPY src ./src
# The base image brings this user. Nothing below /app is written, so the root file system may be read-only. With
# the default database, a file in ./data, a volume is needed there that this user may write.
USER node
EXPOSE 8000
# To be called ready is another matter: a database that is away is no reason to start the process again.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# No shell between the engine and Node: signals reach it, and its exit code is the container's.
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=8", "--require", "./src/quick-start.js", "src/main.ts"]
CMD ["serve"]
