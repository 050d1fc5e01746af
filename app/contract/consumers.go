package contract

import (
	"errors"
	"io/fs"
	"path"

	"inventory/domain/contract"
)

// ReadConsumers reads what a folder's *.json say of who reads what; dir is its name in messages. Errors name every file that
// can't be read.
func ReadConsumers(files fs.FS, dir string) ([]contract.Consumer, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(files, "."); err != nil {
		return nil, err
	}
	var all []contract.Consumer
	var faults []error
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		c, err := contract.ParseConsumer(path.Join(dir, name), text)
		faults, all = append(faults, err), append(all, c)
	}
	return all, errors.Join(faults...)
}
