package avro

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"
)

// What the file holds at most.
const (
	keptFormat         = "inventory schema ids 1"
	mostKeptBytes      = 16 << 20
	mostKeptRegistries = 16
)

// texts are schemas by id, by subject, by registry.
type texts map[string]map[string]map[int]string

// keptFile is the file's form. Sum is of Registries as JSON.
type keptFile struct {
	Format     string `json:"format"`
	Sum        string `json:"sha256"`
	Registries texts  `json:"registries"`
}

// kept is what the registry has said, in memory and in a file.
type kept struct {
	path     string // empty: no file
	registry string
	warn     func(error)
	mu       sync.Mutex
	all      texts
}

// openKept reads the file. What is wrong with it is told, and stops nothing.
func openKept(cfg Config) *kept {
	k := &kept{path: cfg.CacheFile, registry: cfg.registryKey(), warn: cfg.Warn, all: make(texts)}
	if k.path == "" {
		return k
	}
	read, err := readKept(k.path)
	switch {
	case err == nil:
		k.all = read
	case errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, errNotOurs):
		k.setAside(err)
	default:
		k.path = "" // it may be well: it is not written over
		k.warn(fmt.Errorf("schema ids can't be read, and none will be kept: %w", err))
	}
	return k
}

// setAside makes room for a new file.
func (k *kept) setAside(reason error) {
	aside := k.path + ".set-aside"
	if err := os.Rename(k.path, aside); err != nil {
		reason = fmt.Errorf("%w; it can't be set aside, and none will be kept: %w", reason, err)
		k.path = ""
	} else {
		reason = fmt.Errorf("%w: it is set aside as %s, and the registry will be asked again", reason, aside)
	}
	k.warn(reason)
}

// errNotOurs is of a file that this program did not write, or not so.
var errNotOurs = errors.New("not a file of schema ids")

func readKept(path string) (texts, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > mostKeptBytes {
		return nil, fmt.Errorf("%s: %w: %d bytes, at most %d are read", path, errNotOurs, info.Size(), mostKeptBytes)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file keptFile
	if err := json.Unmarshal(body, &file); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", path, errNotOurs, err)
	}
	sum, err := sumOf(file.Registries)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %w", path, errNotOurs, err)
	case file.Format != keptFormat:
		return nil, fmt.Errorf("%s: %w: expected the format %q, found %.60q", path, errNotOurs, keptFormat, file.Format)
	case file.Sum != sum, file.Registries == nil:
		return nil, fmt.Errorf("%s: %w: it was changed after it was written (its sum differs)", path, errNotOurs)
	}
	return file.Registries, nil
}

func sumOf(t texts) (string, error) {
	body, err := json.Marshal(t)
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), err
}

func (k *kept) text(subject string, id int) (string, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	text, ok := k.all[k.registry][subject][id]
	return text, ok
}

// idOf gives the id that a subject has a text under, 0 where that is not known. Of several
// the least, so that each start writes the same.
func (k *kept) idOf(subject, text string) uint32 {
	k.mu.Lock()
	defer k.mu.Unlock()
	least := 0
	for id, known := range k.all[k.registry][subject] {
		if known == text && (least == 0 || id < least) && id > 0 && id <= math.MaxInt32 {
			least = id
		}
	}
	return uint32(least)
}

// add remembers a schema, and writes the file if that is news. One that can't be kept is
// asked for again after the next start.
func (k *kept) add(subject string, id int, text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all[k.registry][subject][id] == text {
		return
	}
	if k.all[k.registry] == nil {
		if len(k.all) >= mostKeptRegistries {
			clear(k.all)
		}
		k.all[k.registry] = make(map[string]map[int]string)
	}
	if k.all[k.registry][subject] == nil {
		k.all[k.registry][subject] = make(map[int]string)
	}
	k.all[k.registry][subject][id] = text
	if k.path == "" {
		return
	}
	if err := k.write(); err != nil {
		k.warn(fmt.Errorf("schema ids are not kept: the next start asks the registry for them: %w", err))
	}
}

// write replaces the file whole, or not at all.
func (k *kept) write() error {
	sum, err := sumOf(k.all)
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(keptFile{Format: keptFormat, Sum: sum, Registries: k.all}, "", "  ")
	if err != nil {
		return err
	}
	if len(body) > mostKeptBytes {
		return fmt.Errorf("%s: %d bytes, at most %d are kept", k.path, len(body), mostKeptBytes)
	}
	if err := os.MkdirAll(filepath.Dir(k.path), 0o750); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(k.path), filepath.Base(k.path)+".*.tmp")
	if err != nil {
		return err
	}
	_, err = temp.Write(body)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), k.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}
