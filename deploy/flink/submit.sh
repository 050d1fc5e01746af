#!/bin/bash
# Makes sure that the job runs, for ever: submits it when no job of its name runs, from its newest checkpoint or savepoint. Where a
# cluster keeps its jobs by itself (ZooKeeper, Kubernetes) once is enough: submit.sh once [zero | newest | PATH].
set -euo pipefail
export STATE=${STATE:-file:///state} SCHEMAS=${SCHEMAS:-/job/avro} TOPIC_PREFIX=${TOPIC_PREFIX:-} PARALLELISM=${PARALLELISM:-1}
export CHECKPOINT_INTERVAL=${CHECKPOINT_INTERVAL:-10 s}

submit() {
  java @/job/jvm17.options -Xmx384m -cp '/job/classes:/opt/flink/lib/*' SubmitJob /job/global_stock.sql "$1"
}

if [[ ${1:-} == once ]]; then
  submit "${2:-newest}"
  exit
fi
while true; do
  submit newest || echo 'the job could not be submitted; trying again' >&2
  sleep "${LOOK_EVERY:-30}"
done
