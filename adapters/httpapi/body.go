package httpapi

import (
	"errors"
	"mime"
	"net"
	"net/http"
	"reflect"
	"strings"
)

// The media types of bodies.
const (
	jsonType    = "application/json"
	problemType = "application/problem+json"
	linesType   = "application/x-ndjson" // a JSON object on each line
	csvType     = "text/csv"
)

// read reads the body into a struct of the operation's type. What is wrong with it is
// among the call's faults; the error is of a body that was not read at all.
func (c *call) read(into any) error {
	if err := checkBodyHeaders(c.r.Header); err != nil {
		return err
	}
	d := decoders.Get().(*decoder)
	defer d.giveBack()
	body := http.MaxBytesReader(c.x.ResponseWriter, c.r.Body, c.maxBody)
	if _, err := d.text.ReadFrom(body); err != nil {
		return unreadable(err)
	}
	d.decode(c.shape, reflect.ValueOf(into).Elem(), &c.faults)
	return nil
}

// checkBodyHeaders accepts JSON in UTF-8, as it is.
func checkBodyHeaders(h http.Header) error {
	if coding := h.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return unsupported("Content-Encoding " + clip(coding) + ": expected none")
	}
	given := h.Get("Content-Type")
	if given == jsonType {
		return nil
	}
	media, parameters, err := mime.ParseMediaType(given)
	charset := parameters["charset"]
	if err != nil || media != jsonType || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return unsupported("Content-Type \"" + clip(given) + "\": expected " + jsonType)
	}
	return nil
}

// unreadable says why a body could not be read.
func unreadable(err error) error {
	if big, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(big.Limit)
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return errSlowBody
	}
	return errCutBody
}
