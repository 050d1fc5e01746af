package kafka

import (
	"fmt"

	"github.com/ThreeDotsLabs/watermill"
)

// logger tells an Observer of Watermill's errors, and drops what else it says.
type logger struct{ observer Observer }

var _ watermill.LoggerAdapter = logger{}

// Error implements watermill.LoggerAdapter.
func (l logger) Error(msg string, err error, _ watermill.LogFields) {
	l.observer.Trouble(fmt.Errorf("kafka: %s: %w", msg, err))
}

// Info implements watermill.LoggerAdapter.
func (logger) Info(string, watermill.LogFields) {}

// Debug implements watermill.LoggerAdapter.
func (logger) Debug(string, watermill.LogFields) {}

// Trace implements watermill.LoggerAdapter.
func (logger) Trace(string, watermill.LogFields) {}

// With implements watermill.LoggerAdapter.
func (l logger) With(watermill.LogFields) watermill.LoggerAdapter { return l }
