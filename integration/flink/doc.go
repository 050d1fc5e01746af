// Package flink proves the job of deploy/flink on real servers: whatever is killed and however the job is started again, its totals
// are those of the newest stock levels. It has nothing but tests.
package flink
