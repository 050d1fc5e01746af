package ports

import (
	"context"
	"time"

	"inventory/domain/global"
)

// PublishedTotal is a record of the topic of global stock. Total is nil where the record deletes
// its key, or can't be read, for which Err is the reason.
type PublishedTotal struct {
	Key       string       // as GlobalStock.Key gives it
	Total     *GlobalStock // its header's ID and Trace are empty; its Aggregator is empty where another program wrote it
	Partition int32
	Err       error
}

// GlobalTopic reads the topic of global stock back.
type GlobalTopic interface {
	// Read hands over what came since the last call, or all there is the first time, as
	// LevelTopic.Read does, with its errors.
	Read(ctx context.Context, take func(PublishedTotal)) error
}

// GlobalStockDecoder reads the value of a record of the topic of global stock.
type GlobalStockDecoder interface {
	// DecodeTotal gives the total. Errors: as of OrderEventDecoder.
	DecodeTotal(ctx context.Context, value []byte) (GlobalStock, error)
}

// GlobalRow is a row of inventory.global_stock: a SKU in all warehouses of a region. Quantities
// are units, and sums of the warehouses'. Source: spec S5, S8.
type GlobalRow struct {
	SKU       string
	Region    string
	OnHand    int64
	Held      int64
	Available int64
	Version   int64
	AsOf      time.Time // to the millisecond
}

// Key names the row.
func (r GlobalRow) Key() global.Key { return global.Key{SKU: r.SKU, Region: r.Region} }

// GlobalTable keeps inventory.global_stock.
type GlobalTable interface {
	// PutGlobal stores rows of different keys: durable on nil; after an error any of them may be
	// stored. It is idempotent, and rows may come again in any later order: of two rows with the
	// same key the one with the larger Version stays.
	PutGlobal(ctx context.Context, rows []GlobalRow) error
	// GlobalOf returns the rows of some SKUs, by key. One without rows is absent.
	GlobalOf(ctx context.Context, skus []string) ([]GlobalRow, error)
	// GlobalAfter returns the rows that follow a key, whether there is a row of it or not, in an
	// order that is the store's and never changes, those of a SKU beside each other, by region. Rows that stay are returned once to who
	// goes on behind the last row that it got. The zero Key is before all. There are limit rows,
	// fewer only where no row follows; limit is 1 or more.
	GlobalAfter(ctx context.Context, after global.Key, limit int) ([]GlobalRow, error)
}
