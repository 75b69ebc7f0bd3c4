# The server. At run time it writes to /codelab/data and nowhere else. `docker run IMAGE doctor` runs another command.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.base.json tsconfig.json ./
COPY packages/console/package.json packages/console/
COPY packages/edits/package.json packages/edits/
COPY packages/protocol/package.json packages/protocol/
COPY packages/server/package.json packages/server/
COPY packages/terminal/package.json packages/terminal/
RUN npm ci --ignore-scripts
COPY bin bin
COPY packages packages
# Built first: the compiler is among the optional packages, and the Node that others carry is not needed here.
RUN npm run build \
  && npm ci --omit=dev --omit=optional --ignore-scripts \
  && rm -rf packages/*/src packages/*/test packages/*/tsconfig.json packages/console/public packages/console/index.html packages/console/vite.config.ts

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production \
    CODELAB_ENV=production \
    HOST=0.0.0.0 \
    PORT=8001
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/packages /app/packages
COPY bin /app/bin
COPY package.json LICENSE /app/
# The program is root's. What it writes is in data of this folder, where also a codelab.jsonc is looked for.
WORKDIR /codelab
RUN install -d -o 1000 -g 1000 -m 0700 data
USER 1000:1000
VOLUME /codelab/data
EXPOSE 8001
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/codelab.js"]
CMD ["serve"]
