package embedded

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
)

// The files that kfake appends to besides segments: group offsets and producers. Entries
// are [length 4][CRC-32C 4][payload: length bytes], little-endian.
var entryLogs = []string{"groups.log", "pids.log"}

const entryHeader = 8

// sequencesFile holds, from Close on, how far each idempotent producer had come.
const sequencesFile = "seq_windows.json"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// mend repairs what a killed process left behind. kfake cuts half a record off a segment
// by itself, but leaves half an entry in these logs: it reads no further, appends behind
// it, and so would forget whatever came after at the second kill.
func mend(dataDir string, warn func(string)) error {
	if dataDir == "" {
		return nil
	}
	for _, name := range entryLogs {
		if err := mendLog(filepath.Join(dataDir, name), warn); err != nil {
			return err
		}
	}
	return compact(dataDir, warn)
}

// mendLog takes out of a log what is no entry, wherever it is.
func mendLog(path string, warn func(string)) error {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	whole := wholeEntries(raw)
	if len(whole) == len(raw) {
		return nil
	}
	warn(fmt.Sprintf("embedded broker: %s: dropped %d of %d bytes: half written when the process ended", path, len(raw)-len(whole), len(raw)))
	return replaceFile(path, whole)
}

// wholeEntries returns raw without what is no entry.
func wholeEntries(raw []byte) []byte {
	whole := make([]byte, 0, len(raw))
	for len(raw) >= entryHeader {
		if n := entryBytes(raw); n > 0 {
			whole, raw = append(whole, raw[:n]...), raw[n:]
		} else {
			raw = raw[1:]
		}
	}
	return whole
}

// entryBytes is the size of the entry that raw begins with, or 0.
func entryBytes(raw []byte) int {
	length := uint64(binary.LittleEndian.Uint32(raw))
	if length < 2 || length > uint64(len(raw)-entryHeader) {
		return 0
	}
	end := entryHeader + int(length)
	if crc32.Checksum(raw[entryHeader:end], castagnoli) != binary.LittleEndian.Uint32(raw[4:]) {
		return 0
	}
	return end
}

// forgetSequences removes the sequences that the broker has just read: after a kill they
// would be old, and what a producer sends next would be refused as out of order.
func forgetSequences(dataDir string) error {
	if dataDir == "" {
		return nil
	}
	err := os.Remove(filepath.Join(dataDir, sequencesFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
