package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// parseJSON reads one value; numbers stay as they are written.
func parseJSON(of string, text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("%w: %s is no JSON: %w", errUsage, of, err)
	}
	if d.More() {
		return nil, fmt.Errorf("%w: %s: something follows the first value", errUsage, of)
	}
	return value, nil
}

// setField changes one field of a value: PATH=JSON, where a path is names with dots between
// and places in lists, such as items[0].quantity.
func setField(whole any, change string) (any, error) {
	path, text, ok := strings.Cut(change, "=")
	steps, err := stepsOf(path)
	if !ok || err != nil {
		return nil, fmt.Errorf("%w: --set=%s: expected PATH=JSON, such as items[0].quantity=2", errUsage, change)
	}
	value, err := parseJSON("", []byte(text))
	if err != nil {
		value = text // people leave the quotes out
	}
	whole, err = put(whole, steps, value)
	if err != nil {
		return nil, fmt.Errorf("%w: --set=%s: %w", errUsage, change, err)
	}
	return whole, nil
}

// stepsOf takes a path apart: names, and places as numbers.
func stepsOf(path string) ([]any, error) {
	var steps []any
	for part := range strings.SplitSeq(path, ".") {
		name, places, _ := strings.Cut(part, "[")
		if name == "" {
			return nil, errUsage
		}
		steps = append(steps, name)
		if len(name) == len(part) {
			continue
		}
		for place := range strings.SplitSeq(places, "[") {
			i, err := strconv.Atoi(strings.TrimSuffix(place, "]"))
			if err != nil || i < 0 || !strings.HasSuffix(place, "]") {
				return nil, errUsage
			}
			steps = append(steps, i)
		}
	}
	return steps, nil
}

// put sets what is at the end of the steps. A name may be new; a place in a list has to be
// there, or to be the next one.
func put(at any, steps []any, value any) (any, error) {
	if len(steps) == 0 {
		return value, nil
	}
	switch step := steps[0].(type) {
	case string:
		object, ok := at.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s: what it is in is no object", step)
		}
		inner, err := put(object[step], steps[1:], value)
		object[step] = inner
		return object, err
	case int:
		list, ok := at.([]any)
		if !ok || step > len(list) {
			return nil, fmt.Errorf("[%d]: there is no such place", step)
		}
		if step == len(list) {
			list = append(list, nil)
		}
		inner, err := put(list[step], steps[1:], value)
		list[step] = inner
		return list, err
	}
	return at, nil
}
