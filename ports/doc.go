// Package ports holds the interfaces between the application and the world. Each
// method's comment is its contract; porttest proves it on every adapter.
//
// It imports the domain only. app calls it, adapters implement it.
package ports
