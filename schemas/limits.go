package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// The bounds of an Avro schema from elsewhere, besides its size. Libraries write a type's full
// name in place of each mention, so that a long name that is mentioned often makes gigabytes of
// a few hundred kilobytes; and they copy a type for each that it lies in. No file system takes
// a class of a longer name, and no value that is read lies so deep.
const (
	MostNameBytes = 255 // of a name, and of a namespace
	MostDepth     = 256 // of the text's brackets
)

// ErrOutOfBounds is of a schema that is not looked at further.
var ErrOutOfBounds = errors.New("out of bounds")

// CheckBounds refuses, as ErrOutOfBounds, a schema's text that would cost a library far more
// than its size. Whether it is JSON, and a schema, is for the library to say.
func CheckBounds(text string) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := checkValue(decoder, "", 0); errors.Is(err, ErrOutOfBounds) {
		return err
	}
	return nil
}

// checkValue reads a value, which is of that key in an object. An error that is not
// ErrOutOfBounds is of a text that is not JSON.
func checkValue(decoder *json.Decoder, key string, depth int) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	switch t := token.(type) {
	case string:
		if isName(key) && len(t) > MostNameBytes {
			return fmt.Errorf("%w: a %s has %d bytes: at most %d are read", ErrOutOfBounds, strings.ToLower(key), len(t), MostNameBytes)
		}
	case json.Delim:
		if depth == MostDepth {
			return fmt.Errorf("%w: types lie in each other more than %d brackets deep", ErrOutOfBounds, MostDepth)
		}
		return checkInner(decoder, t == '{', depth+1)
	}
	return nil
}

// checkInner reads up to the closing bracket.
func checkInner(decoder *json.Decoder, object bool, depth int) error {
	for decoder.More() {
		var key string
		if object {
			token, err := decoder.Token()
			if err != nil {
				return err
			}
			key, _ = token.(string)
		}
		if err := checkValue(decoder, key, depth); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

// isName takes keys in any case, as Go's own JSON does where it reads them into fields.
func isName(key string) bool {
	return strings.EqualFold(key, "name") || strings.EqualFold(key, "namespace")
}
