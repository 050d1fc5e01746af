package embedded

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Where a record batch has its length, and the bytes before what that counts.
const (
	batchLengthAt = 8
	batchPrefix   = 12
	batchCRCFrom  = 21
)

// Bits of a batch's attributes.
const (
	compressionBits = 0x07
	ofTransaction   = 0x30 // of a transaction, or the end of one
)

// tombstoneAge is how long compaction keeps a record that deletes its key. Kafka's
// default of delete.retention.ms.
const tombstoneAge = 24 * time.Hour

// topicSettings is what is read of kfake's topics.json.
type topicSettings struct {
	Topics []struct {
		Name    string            `json:"name"`
		Configs map[string]string `json:"configs"`
	} `json:"topics"`
}

// compact leaves the newest record of each key in the compacted topics of a broker that
// isn't running. Like Kafka it leaves the file alone that is written to. Each file is
// replaced in one step, so that a kill in between loses nothing.
func compact(dataDir string, warn func(string)) error {
	compacted, err := compactedTopics(dataDir)
	if err != nil || len(compacted) == 0 {
		return err
	}
	all, err := partitionsIn(dataDir)
	if err != nil {
		return err
	}
	for _, p := range all {
		if !compacted[p.topic] || len(p.segments) < 2 {
			continue
		}
		if err := compactPartition(p); err != nil {
			warn(fmt.Sprintf("embedded broker: %s, partition %d is not compacted: %v", p.topic, p.number, err))
		}
	}
	return nil
}

func compactedTopics(dataDir string) (map[string]bool, error) {
	raw, err := os.ReadFile(filepath.Join(dataDir, "topics.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var settings topicSettings
	if err := json.Unmarshal(raw, &settings); err != nil {
		return nil, fmt.Errorf("topics.json: %w", err)
	}
	compacted := make(map[string]bool)
	for _, t := range settings.Topics {
		if strings.Contains(t.Configs["cleanup.policy"], "compact") {
			compacted[t.Name] = true
		}
	}
	return compacted, nil
}

func compactPartition(p partition) error {
	newest := make(map[string]int64)
	for _, s := range p.segments {
		if err := eachBatch(s.path, func(b *kmsg.RecordBatch) error { return noteKeys(b, newest) }); err != nil {
			return err
		}
	}
	for _, s := range p.segments[:len(p.segments)-1] {
		if err := compactSegment(s, newest); err != nil {
			return err
		}
	}
	return nil
}

// eachBatch reads a file up to the first batch that isn't whole: only a file that was
// being written can have one.
func eachBatch(path string, visit func(*kmsg.RecordBatch) error) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for len(raw) >= batchCRCFrom {
		size := batchPrefix + int64(binary.BigEndian.Uint32(raw[batchLengthAt:]))
		if size < batchCRCFrom || size > int64(len(raw)) {
			return nil
		}
		var b kmsg.RecordBatch
		if b.ReadFrom(raw[:size]) != nil || b.CRC != int32(crc32.Checksum(raw[batchCRCFrom:size], castagnoli)) {
			return nil
		}
		if err := visit(&b); err != nil {
			return err
		}
		raw = raw[size:]
	}
	return nil
}

func noteKeys(b *kmsg.RecordBatch, newest map[string]int64) error {
	if b.Attributes&ofTransaction != 0 {
		return nil
	}
	records, err := kfake.BatchRecords(*b)
	if err != nil {
		return err
	}
	for _, r := range records {
		newest[string(r.Key)] = b.FirstOffset + int64(r.OffsetDelta)
	}
	return nil
}

// compactSegment rewrites a file, or removes it when nothing in it is left.
func compactSegment(s segment, newest map[string]int64) error {
	var kept []byte
	err := eachBatch(s.path, func(b *kmsg.RecordBatch) error {
		batch, err := compactBatch(b, newest)
		kept = append(kept, batch...)
		return err
	})
	if err != nil || int64(len(kept)) == s.bytes {
		return err
	}
	if len(kept) > 0 {
		// What was last written when still counts where the topic is trimmed by age too.
		if err := errors.Join(replaceFile(s.path, kept), os.Chtimes(s.path, s.modified, s.modified)); err != nil {
			return err
		}
	} else if err := os.Remove(s.path); err != nil {
		return err
	}
	err = os.Remove(strings.TrimSuffix(s.path, ".dat") + ".idx")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// compactBatch returns what is left of a batch, nil where nothing is. Batches of
// transactions stay as they are.
func compactBatch(b *kmsg.RecordBatch, newest map[string]int64) ([]byte, error) {
	if b.Attributes&ofTransaction != 0 {
		return b.AppendTo(nil), nil
	}
	records, err := kfake.BatchRecords(*b)
	if err != nil {
		return nil, err
	}
	var kept []byte
	n := 0
	var last int32
	for _, r := range records {
		if newest[string(r.Key)] != b.FirstOffset+int64(r.OffsetDelta) || expired(b, &r) {
			continue
		}
		kept = r.AppendTo(kept)
		n, last = n+1, r.OffsetDelta
	}
	switch n {
	case 0:
		return nil, nil
	case len(records):
		return b.AppendTo(nil), nil
	}
	return rebuilt(b, kept, n, last), nil
}

func expired(b *kmsg.RecordBatch, r *kmsg.Record) bool {
	written := time.UnixMilli(b.FirstTimestamp + int64(r.TimestampDelta))
	return r.Value == nil && time.Since(written) > tombstoneAge
}

// rebuilt is b with the records kept only, which are not compressed.
func rebuilt(b *kmsg.RecordBatch, kept []byte, n int, last int32) []byte {
	r := *b
	r.Attributes &^= compressionBits
	r.Records, r.NumRecords, r.LastOffsetDelta = kept, int32(n), last
	raw := r.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[batchLengthAt:], uint32(len(raw)-batchPrefix))
	binary.BigEndian.PutUint32(raw[batchCRCFrom-4:], crc32.Checksum(raw[batchCRCFrom:], castagnoli))
	return raw
}
