package memory_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"inventory/adapters/memory"
	"inventory/ports"
	"inventory/ports/porttest"
)

func TestNetwork(t *testing.T) {
	network := memory.NewNetwork()
	var members atomic.Int64
	porttest.Wire(t, func(t *testing.T, addr string, h ports.WireHandler) porttest.WireMember {
		if addr == "" {
			addr = fmt.Sprintf("member-%d", members.Add(1))
		}
		wire := network.Join(addr, h)
		t.Cleanup(func() { network.Leave(addr) })
		return porttest.WireMember{Wire: wire, Addr: addr, Leave: func() { network.Leave(addr) }}
	})
}
