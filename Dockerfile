# A server for assistants: docker build -t intercom_kit . && docker run -i --rm -e INTERCOM_ACCESS_TOKEN intercom_kit
# With `--demo` after the name, it serves the demo workspace.
FROM python:3.11-slim

WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY intercom_kit intercom_kit
COPY notebooks notebooks
# Compiled here, since the user below may not write there: else each start compiles anew, for seconds.
RUN pip install --no-cache-dir --constraint constraints.txt '.[mcp]' && rm -rf /source

RUN useradd --create-home intercom
USER intercom
WORKDIR /home/intercom
ENTRYPOINT ["intercom-kit", "mcp"]
