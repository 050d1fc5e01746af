package schemas

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
)

// avroFiles has every version ever published of every subject, as
// avro/<topic>-value/<version>.avsc. A file that has been released never changes: records
// that were written with it are out there.
//
//go:embed avro/*/*.avsc
var avroFiles embed.FS

// subjectSuffix makes a subject of a topic's name: its schemas are those of record values.
const subjectSuffix = "-value"

// AvroSubject has the published schemas of one topic's records.
type AvroSubject struct {
	Topic    string   // without a deployment's prefix
	Versions []string // the text of version 1, 2, …
}

// Name is the subject's name in a registry, where topics have that prefix.
func (s AvroSubject) Name(prefix string) string { return prefix + s.Topic + subjectSuffix }

// Newest gives the number and the text of the newest version.
func (s AvroSubject) Newest() (version int, text string) {
	return len(s.Versions), s.Versions[len(s.Versions)-1]
}

// Avro gives the subjects of all topics, by topic without prefix. Nobody may change what it
// returns.
func Avro() map[string]AvroSubject { return avroSubjects() }

// avroSubjects reads the files once. That they are well-formed is proved by this package's
// tests, so what is wrong with them is a defect of the build.
var avroSubjects = sync.OnceValue(func() map[string]AvroSubject {
	subjects, err := readAvro(avroFiles)
	if err != nil {
		panic(err)
	}
	return subjects
})

func readAvro(files fs.FS) (map[string]AvroSubject, error) {
	folders, err := fs.ReadDir(files, "avro")
	if err != nil {
		return nil, err
	}
	subjects := make(map[string]AvroSubject, len(folders))
	for _, folder := range folders {
		topic, ok := strings.CutSuffix(folder.Name(), subjectSuffix)
		if !ok {
			return nil, fmt.Errorf("schemas/avro/%s: expected a name that ends in %s", folder.Name(), subjectSuffix)
		}
		versions, err := readVersions(files, "avro/"+folder.Name())
		if err != nil {
			return nil, err
		}
		subjects[topic] = AvroSubject{Topic: topic, Versions: versions}
	}
	return subjects, nil
}

// readVersions reads 1.avsc, 2.avsc, … of a folder, which has nothing else.
func readVersions(files fs.FS, folder string) ([]string, error) {
	found, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil, err
	}
	versions := make([]string, 0, len(found))
	for v := 1; v <= len(found); v++ {
		text, err := fs.ReadFile(files, folder+"/"+strconv.Itoa(v)+".avsc")
		if err != nil {
			return nil, fmt.Errorf("schemas/%s: expected 1.avsc to %d.avsc and nothing else: %w", folder, len(found), err)
		}
		versions = append(versions, string(text))
	}
	return versions, nil
}
