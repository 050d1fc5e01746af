package stack

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// get returns the body of an answer of 200; every other is an error.
func get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	// One connection a question: a kept one would look like a leak to the tests.
	request.Close = true
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: expected 200, found %s", url, response.Status)
	}
	return io.ReadAll(response.Body)
}
