# docker build --tag audience-emulator .
# What it is, what it listens to, and how to pin the base: docs/container.md

FROM python:3.13-slim-trixie AS builder
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY emulator emulator
COPY fixtures fixtures
# Bytecode that no file date can make stale, because nobody can write it later.
RUN python -m venv --without-pip /opt/emulator \
    && python -m pip --python /opt/emulator/bin/python install --quiet --no-compile '.[generate,tls]' \
    && /opt/emulator/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/emulator/lib

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="Audience Emulator" \
      org.opencontainers.image.description="A local stand-in for the e-mail-marketing APIs of Emma and EngageLab Email." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"
# The number is what Kubernetes checks runAsNonRoot by; the name is for people.
RUN groupadd --gid 10001 emulator \
    && useradd --uid 10001 --gid 10001 --no-create-home --no-log-init --home-dir /nonexistent --shell /usr/sbin/nologin emulator \
    && install --directory --owner=10001 --group=10001 /data /tls \
    && install --directory /scenarios
COPY --from=builder /opt/emulator /opt/emulator
# Others must reach it, and a container is reached by those to whom its port is given. A token guards the control plane.
ENV PATH=/opt/emulator/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    EMULATOR_HOST=0.0.0.0 \
    EMULATOR_PORT=8025 \
    EMULATOR_INSECURE_CONTROL=true \
    EMULATOR_SCENARIO_FOLDER=/scenarios
# An emulator.yaml that is mounted there is what worlds start with.
WORKDIR /scenarios
VOLUME /data
USER 10001:10001
EXPOSE 8025
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 CMD ["emulator", "ready"]
ENTRYPOINT ["emulator"]
CMD ["start"]
