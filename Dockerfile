# The portal in a container: the static binary, certificates and time zones, nothing else.

FROM node:22-bookworm-slim AS ui
WORKDIR /src/ui
COPY ui/package.json ui/package-lock.json ./
RUN PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
COPY api/ ../api/
COPY ui/ ./
RUN npm run build

FROM golang:1.26-bookworm AS binary
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=ui /src/ui/dist ui/dist
ARG VERSION=container
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /out/mininfo ./cmd/mininfo \
    && mkdir -p /out/data/tmp /out/key

FROM scratch
COPY --from=binary /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=binary /usr/local/go/lib/time/zoneinfo.zip /zoneinfo.zip
COPY --from=binary /out/mininfo /mininfo
COPY --from=binary --chown=65532:65532 /out/data /var/lib/mininfo
COPY --from=binary --chown=65532:65532 /out/key /var/lib/mininfo-key
ENV ZONEINFO=/zoneinfo.zip \
    TMPDIR=/var/lib/mininfo/tmp \
    MININFO_LISTEN=0.0.0.0:8080 \
    MININFO_DATABASE=sqlite:///var/lib/mininfo/mininfo.db \
    MININFO_BLOBS=file:///var/lib/mininfo/blobs \
    MININFO_KEY_FILE=/var/lib/mininfo-key/mininfo.key
VOLUME ["/var/lib/mininfo", "/var/lib/mininfo-key"]
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/mininfo"]
CMD ["serve"]
