// Package contract proves that our judgement of schemas is Apache Avro's: it makes pairs of schemas by the thousand and asks
// both. Its tests need Java and Maven.
package contract
