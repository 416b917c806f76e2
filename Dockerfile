# One image for every command: `serve`, `worker`, `migrate`, `seed`, `audit`, `cache-clear`.
#
# `scripts/build-image.sh` builds it with buildah on a base image made by debootstrap, starts it and makes a hold. It was not
# built on the base image named below: the machine had no way to a container registry. test/docs/containers.test.ts runs the
# commands of the stage `pages` in a clean copy of the tree.

# The same version that package.json pins. The slim image, because a smaller one has another C library.
ARG NODE_VERSION=26.10.0

FROM node:${NODE_VERSION}-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are left out: the same Node once more (211 MB), the colours of tables, and what `pg` needs at Cloudflare.
# Scripts are left out: `prepare` builds the pages, which come from the next stage, and the client library.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:${NODE_VERSION}-slim AS pages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# With the optional packages: rolldown, which bundles the pages, has its native code in one of them.
RUN npm ci --ignore-scripts
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
# The default database is a file in this folder. A volume that is mounted here for the first time takes over owner and mode.
# The service writes only here below /app. With a volume or a database server, the root file system may be read-only.
RUN install --directory --owner=node --group=node --mode=0700 data
# The base image brings this user.
USER node
EXPOSE 8000
# `/healthz`, not `/readyz`: a restart of the process does not repair a database that is away.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
# No shell between the engine and Node: signals reach it, and its exit code is the container's.
ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=8", "--require", "./src/quick-start.js", "src/main.ts"]
CMD ["serve"]
