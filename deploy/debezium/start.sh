#!/bin/bash
# Runs Debezium's agent for the Cassandra node of this machine, until it is ended. README.md says what each variable is.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

export CAPTURE_CASSANDRA_CONFIG=${CAPTURE_CASSANDRA_CONFIG:-/etc/cassandra/cassandra.yaml}
export CAPTURE_CASSANDRA_HOST=${CAPTURE_CASSANDRA_HOST:-127.0.0.1:9042}
export CAPTURE_CASSANDRA_DC=${CAPTURE_CASSANDRA_DC:-dc1}
export CAPTURE_DATA=${CAPTURE_DATA:-/var/lib/debezium}
export CAPTURE_CONF=${CAPTURE_CONF:-$CAPTURE_DATA/conf}
export CAPTURE_HTTP_PORT=${CAPTURE_HTTP_PORT:-8000}
export CAPTURE_TOPIC_PREFIX=${CAPTURE_TOPIC_PREFIX:-cdc}
: "${CAPTURE_BROKERS:?where Kafka is, host:port of some brokers, separated by commas}"
: "${CAPTURE_JARS:=$here/jars}" "${CAPTURE_JVM_OPTIONS:=$here/jvm17.options}" "${CAPTURE_LOGBACK:=$here/logback.xml}"

mkdir -p "$CAPTURE_CONF" "$CAPTURE_DATA"/{offsets,processed,storage}
for file in agent.properties driver.conf; do
  text=$(<"$here/$file")
  while [[ $text =~ \$\{([A-Z_]+)\} ]]; do
    name=${BASH_REMATCH[1]}
    if [[ $name != CAPTURE_* ]]; then
      echo "$file has a place for $name, which is no variable of the agent's" >&2
      exit 1
    fi
    text=${text//"\${$name}"/${!name}}
  done
  printf '%s\n' "$text" >"$CAPTURE_CONF/$file"
done

exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" "@$CAPTURE_JVM_OPTIONS" \
  -Xmx"${CAPTURE_HEAP:-384m}" -XX:+UseSerialGC -XX:+ExitOnOutOfMemoryError \
  -Dcassandra.storagedir="$CAPTURE_DATA/storage" \
  -Dlogback.configurationFile="file://$CAPTURE_LOGBACK" \
  -cp "$(dirname "$CAPTURE_CASSANDRA_CONFIG"):$CAPTURE_JARS/*" \
  io.debezium.connector.cassandra.CassandraConnectorTask "$CAPTURE_CONF/agent.properties"
