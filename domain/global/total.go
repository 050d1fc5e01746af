package global

import (
	"cmp"
	"fmt"
	"strings"

	"inventory/domain/stock"
)

// Level is how much there is of a SKU in a warehouse, as the entry Version of its ledger left
// it. Quantities are units. A warehouse never changes its region.
type Level struct {
	SKU         string
	WarehouseID string
	Region      string
	OnHand      int64
	Held        int64
	Available   int64
	Version     int64
	At          int64 // the entry's time, Unix milliseconds
}

// Key names a total.
type Key struct {
	SKU    string
	Region string
}

// String gives `sku:region`; neither part has a colon.
func (k Key) String() string { return k.SKU + ":" + k.Region }

// Compare orders keys by SKU, then by region.
func (k Key) Compare(o Key) int {
	return cmp.Or(strings.Compare(k.SKU, o.SKU), strings.Compare(k.Region, o.Region))
}

// ParseKey reads a key as String writes it. Errors: stock.ErrInvalid.
func ParseKey(text string) (Key, error) {
	sku, region, ok := strings.Cut(text, ":")
	if !ok {
		return Key{}, fmt.Errorf("%w: %.140q: expected SKU:REGION", stock.ErrInvalid, text)
	}
	if _, err := stock.ParseSKU(sku); err != nil {
		return Key{}, err
	}
	if _, err := stock.ParseRegion(region); err != nil {
		return Key{}, err
	}
	return Key{sku, region}, nil
}

// Total is how much there is of a SKU in the warehouses of a region, in units: each quantity is
// the sum of theirs. Available is summed and not computed, so that what one warehouse lacks is
// not made up by another.
type Total struct {
	Key
	OnHand    int64
	Held      int64
	Available int64
	// Version is the sum of the warehouses' newest versions: it grows with each change of any of
	// them. The total that has all changes has the largest, whoever adds it up.
	Version int64
	AsOf    int64 // when the newest change that is in it happened, Unix milliseconds
}
