package telemetry

import (
	"fmt"
	"io"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// Options say how a log is written.
type Options struct {
	Level  string // debug, info, warn or error
	Format string // json or console
}

// NewLogger returns a logger that writes lines to w, which needs no lock of its own. The
// error names the option that is not understood.
func NewLogger(w io.Writer, o Options) (*zap.Logger, error) {
	level, err := zapcore.ParseLevel(o.Level)
	if err != nil || o.Level == "" || level > zapcore.ErrorLevel {
		return nil, fmt.Errorf("log level %q: expected debug, info, warn or error", o.Level)
	}
	encoder, err := encoderOf(o.Format)
	if err != nil {
		return nil, err
	}
	return zap.New(zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(w)), level)), nil
}

func encoderOf(format string) (zapcore.Encoder, error) {
	cfg := zap.NewProductionEncoderConfig()
	cfg.TimeKey = "time"
	cfg.EncodeDuration = zapcore.StringDurationEncoder
	switch format {
	case "json":
		cfg.EncodeTime = func(t time.Time, enc zapcore.PrimitiveArrayEncoder) {
			enc.AppendString(t.UTC().Format("2006-01-02T15:04:05.000Z"))
		}
		return zapcore.NewJSONEncoder(cfg), nil
	case "console":
		cfg.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05.000")
		cfg.EncodeLevel = zapcore.CapitalLevelEncoder
		cfg.ConsoleSeparator = "  "
		return zapcore.NewConsoleEncoder(cfg), nil
	}
	return nil, fmt.Errorf("log format %q: expected json or console", format)
}
