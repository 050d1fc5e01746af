package avro

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"inventory/ports"
)

// keeping makes a codec with a file, and gives what it warned of.
func keeping(t *testing.T, r ports.SchemaRegistry, file string, change ...func(*Config)) (*Codec, *[]error) {
	t.Helper()
	warned := new([]error)
	base := func(cfg *Config) {
		cfg.CacheFile, cfg.Registry = file, "http://user:secret@registry:8081"
		cfg.Warn = func(err error) { *warned = append(*warned, err) }
	}
	return newCodec(t, r, append([]func(*Config){base}, change...)...), warned
}

// learn makes a codec know what there is to know.
func learn(t *testing.T, c *Codec, r *registry) (value []byte) {
	t.Helper()
	if err := c.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	topic := ports.OrderCreatedTopic
	value = written(t, r, topic+"-value", newest(topic), nativeOrder(orders()[topic]))
	decoded(t, c, topic, value)
	return value
}

// down is a registry that can't be asked.
func down() *registry {
	r := newRegistry()
	r.fail = ports.ErrTransient
	return r
}

func TestWhatIsKnownNeedsNoRegistryAtTheNextStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data", "schemas.json") // in a folder that is not there yet
	r := full(t)
	first, warned := keeping(t, r, file)
	value := learn(t, first, r)
	second, warnedAgain := keeping(t, down(), file)
	decoded(t, second, ports.OrderCreatedTopic, value)
	for _, e := range outcomes() {
		if _, err := second.Encode(t.Context(), e); err != nil {
			t.Error(err)
		}
	}
	if len(*warned)+len(*warnedAgain) > 0 {
		t.Errorf("warned of %v %v", *warned, *warnedAgain)
	}
	body, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(body), "secret") {
		t.Errorf("%v; the file has the registry's password: %s", err, body)
	}
	left, err := filepath.Glob(file + "*")
	if err != nil || len(left) != 1 {
		t.Errorf("files left: %v, %v", left, err)
	}
}

func TestIDsOfAnotherRegistryAreNotBelieved(t *testing.T) {
	file := filepath.Join(t.TempDir(), "schemas.json")
	r := full(t)
	first, _ := keeping(t, r, file)
	value := learn(t, first, r)
	other, _ := keeping(t, down(), file, func(cfg *Config) { cfg.Registry = "http://other:8081" })
	if _, err := other.Decode(t.Context(), ports.OrderCreatedTopic, value); ports.ClassOf(err) != ports.Transient {
		t.Errorf("got %v", err)
	}
	if _, err := other.Encode(t.Context(), outcomes()[0]); ports.ClassOf(err) != ports.Transient {
		t.Errorf("got %v", err)
	}
	prefixed, _ := keeping(t, down(), file, func(cfg *Config) { cfg.Prefix = "eu." })
	if _, err := prefixed.Decode(t.Context(), ports.OrderCreatedTopic, value); ports.ClassOf(err) != ports.Transient {
		t.Errorf("another prefix is another subject: %v", err)
	}
}

func TestTheFileKeepsWhatOtherRegistriesSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "schemas.json")
	r := full(t)
	first, _ := keeping(t, r, file)
	value := learn(t, first, r)
	other, _ := keeping(t, r, file, func(cfg *Config) { cfg.Registry = "http://other:8081" })
	learn(t, other, r)
	again, _ := keeping(t, down(), file)
	decoded(t, again, ports.OrderCreatedTopic, value)
}

func TestAFileThatIsNotOursIsSetAsideAndTold(t *testing.T) {
	r := full(t)
	good := filepath.Join(t.TempDir(), "schemas.json")
	c, _ := keeping(t, r, good)
	value := learn(t, c, r)
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"empty":             "",
		"cut off":           string(whole[:len(whole)/2]),
		"changed":           strings.Replace(string(whole), "order_id", "other_id", 1),
		"another program's": `{"format": "something else"}`,
		"a list":            `[1]`,
		"null":              `null`,
		"no registries":     `{"format": "` + keptFormat + `"}`,
		"too large":         strings.Repeat(" ", mostKeptBytes+1),
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "schemas.json")
			if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
				t.Fatal(err)
			}
			c, warned := keeping(t, r, file)
			if len(*warned) != 1 || !strings.Contains((*warned)[0].Error(), file+": not a file of schema ids") {
				t.Errorf("warned of %v", *warned)
			}
			if aside, err := os.ReadFile(file + ".set-aside"); err != nil || string(aside) != body {
				t.Errorf("set aside: %v", err)
			}
			decoded(t, c, ports.OrderCreatedTopic, value)
			again, warned := keeping(t, down(), file)
			decoded(t, again, ports.OrderCreatedTopic, value)
			if len(*warned) > 0 {
				t.Errorf("warned again of %v", *warned)
			}
		})
	}
}

func TestAFileThatCannotBeWrittenIsToldAndStopsNothing(t *testing.T) {
	r := full(t)
	noFolder := filepath.Join(t.TempDir(), "file")
	c, warned := keeping(t, r, filepath.Join(noFolder, "schemas.json"))
	if err := os.WriteFile(noFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	learn(t, c, r)
	if len(*warned) == 0 || !errors.Is((*warned)[0], syscall.ENOTDIR) {
		t.Errorf("warned of %v", *warned)
	}
	folder := t.TempDir()
	c, warned = keeping(t, r, folder)
	learn(t, c, r)
	if len(*warned) == 0 {
		t.Error("a folder in the file's place is not told")
	}
}

func TestAFileNeedsTheRegistrysNameAndSomebodyToTell(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no registry":    {CacheFile: "f", Warn: func(error) {}},
		"nobody to tell": {CacheFile: "f", Registry: "http://r"},
		"too many bytes": {MaxBytes: mostMaxBytes + 1},
		"negative bytes": {MaxBytes: -1},
	} {
		if _, err := New(newRegistry(), cfg); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
