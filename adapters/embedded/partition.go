package embedded

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// kfake keeps each partition in partitions/<topic, escaped>-<number>, in files
// <offset of the first record>.dat of record batches as they come over the wire, each
// with an <offset>.idx that it can do without.
const partitionsDir = "partitions"

// segment is a file of a partition with records in it.
type segment struct {
	base     int64 // no record in it has a smaller offset
	bytes    int64
	modified time.Time // when the last record came
	path     string
}

// partition is one on disk.
type partition struct {
	topic    string
	number   int32
	segments []segment // in order of offsets; the last is written to
}

// partitionsIn lists what is on disk. Files may come and go meanwhile.
func partitionsIn(dataDir string) ([]partition, error) {
	entries, err := os.ReadDir(filepath.Join(dataDir, partitionsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []partition
	for _, entry := range entries {
		topic, number, ok := partitionOf(entry.Name())
		if !ok || !entry.IsDir() {
			continue
		}
		segments, err := segmentsIn(filepath.Join(dataDir, partitionsDir, entry.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, partition{topic, number, segments})
	}
	return all, nil
}

func partitionOf(dir string) (topic string, number int32, ok bool) {
	at := strings.LastIndexByte(dir, '-')
	if at < 0 {
		return "", 0, false
	}
	topic, err := url.PathUnescape(dir[:at])
	if err != nil {
		return "", 0, false
	}
	n, err := strconv.ParseInt(dir[at+1:], 10, 32)
	return topic, int32(n), err == nil
}

func segmentsIn(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []segment
	for _, entry := range entries {
		name, isData := strings.CutSuffix(entry.Name(), ".dat")
		base, err := strconv.ParseInt(name, 10, 64)
		if !isData || err != nil {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.Size() > 0 { // an empty one holds no offset, and so can't be the last
			all = append(all, segment{base, info.Size(), info.ModTime(), filepath.Join(dir, entry.Name())})
		}
	}
	slices.SortFunc(all, func(a, b segment) int { return int(min(max(a.base-b.base, -1), 1)) })
	return all, nil
}
