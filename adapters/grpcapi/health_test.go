package grpcapi

import (
	"errors"
	"slices"
	"testing"

	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
)

func TestHealthIsReadiness(t *testing.T) {
	h := newHouse(t)
	c := healthv1.NewHealthClient(h.dial())
	check := func(service string, want healthv1.HealthCheckResponse_ServingStatus) {
		t.Helper()
		r, err := c.Check(t.Context(), &healthv1.HealthCheckRequest{Service: service})
		if err != nil || r.GetStatus() != want {
			t.Errorf("%q: %v, %v, expected %v", service, r.GetStatus(), err, want)
		}
	}
	for _, service := range []string{"", "inventory.v1.StockService"} {
		check(service, healthv1.HealthCheckResponse_SERVING)
	}
	if _, err := c.Check(t.Context(), &healthv1.HealthCheckRequest{Service: "nobody's"}); status.Code(err) != codes.NotFound {
		t.Errorf("no such service: %v", err)
	}
	h.mu.Lock()
	h.sick = errors.New("no store")
	h.mu.Unlock()
	check("", healthv1.HealthCheckResponse_NOT_SERVING)
}

func TestReflectionShowsTheServices(t *testing.T) {
	h := newHouse(t)
	s, err := reflectionv1.NewServerReflectionClient(h.dial()).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(r *reflectionv1.ServerReflectionRequest) *reflectionv1.ServerReflectionResponse {
		t.Helper()
		if err := s.Send(r); err != nil {
			t.Fatal(err)
		}
		answer, err := s.Recv()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	var names []string
	list := ask(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}})
	for _, service := range list.GetListServicesResponse().GetService() {
		names = append(names, service.GetName())
	}
	slices.Sort(names)
	if want := []string{"grpc.health.v1.Health", "inventory.v1.StockService"}; !slices.Equal(names, want) {
		t.Errorf("found %v", names)
	}
	file := ask(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: "inventory.v1.StockService"}})
	if len(file.GetFileDescriptorResponse().GetFileDescriptorProto()) == 0 {
		t.Errorf("no file has the service: %v", file)
	}
	if err := s.CloseSend(); err != nil {
		t.Error(err)
	}
}
