package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// stocks reads how much there is of several SKUs; region may be empty.
func (c *client) stocks(ctx context.Context, skus []string, region string) (stocksAnswer, error) {
	body := stockQuery{Region: region}
	for _, sku := range skus {
		body.Items = append(body.Items, stockItem{sku})
	}
	var s stocksAnswer
	err := c.ask(ctx, http.MethodPost, "/inventory/query", nil, body, &s)
	return s, err
}

// stockQuery asks about several SKUs. Source: the API's description.
type stockQuery struct {
	Items  []stockItem `json:"items"`
	Region string      `json:"region,omitempty"`
}

type stockItem struct {
	SKU string `json:"sku"`
}

// stocksAnswer is how much there is of several SKUs, or why that is not told.
type stocksAnswer struct {
	Items []struct {
		SKU     string       `json:"sku"`
		Status  int          `json:"status"`
		Stock   *stockAnswer `json:"stock,omitempty"`
		Problem *refusal     `json:"problem,omitempty"`
	} `json:"items"`
}

func (s stocksAnswer) text(out io.Writer) {
	for _, it := range s.Items {
		if it.Problem != nil {
			fmt.Fprintln(out, it.Problem)
			continue
		}
		it.Stock.text(out)
	}
}
