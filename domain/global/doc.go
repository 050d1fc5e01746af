// Package global sums the stock of warehouses by SKU and region, and says who publishes the
// sums where several programs could.
//
// It is pure: times are arguments, and nothing here reads or writes anything. Only app/global
// and tests import it.
package global
