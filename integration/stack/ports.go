package stack

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// Ports are taken from below the range from which systems choose ports of outgoing connections. From within it, a client
// that dials a killed server again and again is one day given that very port, and the server can't come back.
const (
	lowestPort  = 20000
	highestPort = 32000
)

// freePorts returns n different ports of loopback on which nothing listens.
func freePorts(n int) ([]int, error) {
	ports := make([]int, 0, n)
	// Held until all are found, so that none is found twice.
	var held []net.Listener
	defer func() {
		for _, listener := range held {
			listener.Close()
		}
	}()
	var last error
	for tries := 0; len(ports) < n; tries++ {
		if tries == 100 {
			return nil, fmt.Errorf("no %d free ports in %d-%d: %w", n, lowestPort, highestPort, last)
		}
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			last = err
			continue
		}
		held = append(held, listener)
		ports = append(ports, port)
	}
	return ports, nil
}

// FreePort returns a port of loopback on which nothing listens.
func FreePort() (int, error) {
	ports, err := freePorts(1)
	if err != nil {
		return 0, err
	}
	return ports[0], nil
}
