package grpcapi

import (
	"context"
	"fmt"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"

	"inventory/schemas/proto/inventory/v1/inventoryv1connect"
)

// health says whether this process is ready, as /readyz does. It has no Watch, which gRPC
// takes for a service that is not watched.
type health struct{ a *API }

var _ grpchealth.Checker = (*health)(nil)

// Check implements grpchealth.Checker.
func (h *health) Check(ctx context.Context, r *grpchealth.CheckRequest) (*grpchealth.CheckResponse, error) {
	switch r.Service {
	case "", inventoryv1connect.StockServiceName, grpchealth.HealthV1ServiceName:
	default:
		return nil, connect.NewError(connect.CodeNotFound, fmt.Errorf("there is no service %.80q", r.Service))
	}
	if h.a.options.Ready(ctx) != nil {
		return &grpchealth.CheckResponse{Status: grpchealth.StatusNotServing}, nil
	}
	return &grpchealth.CheckResponse{Status: grpchealth.StatusServing}, nil
}
