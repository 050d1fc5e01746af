package avro

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scalar writes a value that has no others in it.
func (w *former) scalar(path string, s *shape, v any) {
	switch s.kind {
	case truth:
		if b, ok := v.(bool); ok {
			w.value = append(w.value, map[bool]byte{true: 1}[b])
			return
		}
	case whole32, whole64:
		w.number(path, s, v)
		return
	case constant:
		if s.name == "float" || s.name == "double" {
			w.float(path, s, v)
			return
		}
		if b, err := hex.DecodeString(textOf(v)); err == nil && len(b) == s.size {
			w.value = append(w.value, b...)
			return
		}
	case counted:
		w.counted(path, s, v)
		return
	case choice:
		if i := slices.Index(s.symbols, textOf(v)); i >= 0 {
			w.whole(int64(i))
			return
		}
	case nothing, sequence, blocks, pairs, either: // are put elsewhere
	}
	w.wrong(path, s, v)
}

func textOf(v any) string {
	text, _ := v.(string)
	return text
}

func (w *former) text(text string) {
	w.whole(int64(len(text)))
	w.value = append(w.value, text...)
}

func (w *former) counted(path string, s *shape, v any) {
	text, ok := v.(string)
	if ok && s.name != "string" {
		bytes, err := hex.DecodeString(text)
		text, ok = string(bytes), err == nil
	}
	if !ok {
		w.wrong(path, s, v)
		return
	}
	w.text(text)
}

func (w *former) number(path string, s *shape, v any) {
	if text, ok := v.(string); ok && s.unit != 0 {
		w.time(path, s, text)
		return
	}
	digits, ok := v.(json.Number)
	if !ok {
		w.wrong(path, s, v)
		return
	}
	bits := map[kind]int{whole32: 32, whole64: 64}[s.kind]
	n, err := strconv.ParseInt(digits.String(), 10, bits)
	if err != nil {
		w.wrong(path, s, v)
		return
	}
	w.whole(n)
}

func (w *former) time(path string, s *shape, text string) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		w.wrong(path, s, text)
		return
	}
	if !at.Truncate(s.unit).Equal(at) {
		w.fault(path, "expected no part of a second smaller than %v, found %.100s", s.unit, text)
		return
	}
	if s.unit == time.Microsecond {
		w.whole(at.UnixMicro())
		return
	}
	w.whole(at.UnixMilli())
}

func (w *former) float(path string, s *shape, v any) {
	digits := textOf(v)
	if n, ok := v.(json.Number); ok {
		digits = n.String()
	} else if !slices.Contains([]string{"NaN", "+Inf", "-Inf"}, digits) {
		w.wrong(path, s, v)
		return
	}
	f, err := strconv.ParseFloat(digits, s.size*8)
	switch {
	case err != nil:
		w.wrong(path, s, v)
	case s.size == 4:
		w.value = binary.LittleEndian.AppendUint32(w.value, math.Float32bits(float32(f)))
	default:
		w.value = binary.LittleEndian.AppendUint64(w.value, math.Float64bits(f))
	}
}

// wrong notes a value that is not of its shape.
func (w *former) wrong(path string, s *shape, v any) {
	w.fault(path, "expected %s, found %s", s.describe(), found(v))
}

// found shows a value to people.
func found(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case *object:
		return "an object"
	case []any:
		return "an array"
	case string:
		return fmt.Sprintf("%.100q", v)
	}
	return fmt.Sprintf("%.100v", v)
}

// describe says what a shape's values are as text.
func (s *shape) describe() string {
	if s.ref != nil {
		s = s.ref
	}
	switch s.kind {
	case nothing:
		return "null"
	case truth:
		return "true or false"
	case whole32:
		return fmt.Sprintf("a whole number of %d to %d", math.MinInt32, math.MaxInt32)
	case whole64:
		if s.unit != 0 {
			return "a time such as 2026-11-25T03:04:05.678Z"
		}
		return fmt.Sprintf("a whole number of %d to %d", math.MinInt64, math.MaxInt64)
	case constant:
		if s.name == "float" || s.name == "double" {
			return fmt.Sprintf("a number of %d bits", 8*s.size)
		}
		return fmt.Sprintf("%d bytes in hexadecimal", s.size)
	case counted:
		return map[bool]string{true: "a string", false: "bytes in hexadecimal"}[s.name == "string"]
	case choice:
		return fmt.Sprintf("one of %q", s.symbols)
	case sequence, pairs:
		return "an object"
	case blocks:
		return "an array"
	case either:
	}
	branches := make([]string, len(s.of))
	for i := range s.of {
		branches[i] = s.of[i].describe()
	}
	return strings.Join(branches, " or ")
}
