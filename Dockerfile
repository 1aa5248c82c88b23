# For people without Python 3.11:  docker build -t structkit . && docker run --rm -v "$PWD:/work" structkit run pipeline.yaml
FROM python:3.11-slim
WORKDIR /opt/structkit
COPY . .
RUN python -m venv .venv && .venv/bin/python -m pip install --no-cache-dir -r requirements.txt
RUN useradd --create-home person
USER person
WORKDIR /work
ENTRYPOINT ["/opt/structkit/.venv/bin/structkit"]
CMD ["--help"]
