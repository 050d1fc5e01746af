package relay

import (
	"encoding/json"
	"fmt"

	"inventory/domain/ledger"
	"inventory/ports"
)

// Metadata is what inventory.events says of a change besides its columns. Seq is 0 in a row
// that changes no stock.
type Metadata metadata

// ReadMetadata reads the metadata of a row. Names that this program does not know are left
// out. Errors wrap ledger.ErrCorrupt.
func ReadMetadata(r ports.EventRow) (Metadata, error) {
	var m Metadata
	if err := json.Unmarshal([]byte(r.Metadata), &m); err != nil {
		return m, fmt.Errorf("%w: metadata of event %s of sku %s in %s: %w", ledger.ErrCorrupt, r.EventID, r.SKU, r.WarehouseID, err)
	}
	return m, nil
}
