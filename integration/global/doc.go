// Package global tests that stock by SKU and region is what the ledgers say, whoever adds it up:
// on the embedded default, and on real servers with each program that can keep the topic of
// totals. Suite is the tests of any such program.
package global
