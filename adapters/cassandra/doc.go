// Package cassandra is the store on Apache Cassandra 5: journals by lightweight
// transactions, derived tables by plain writes, and the migrations of its keyspace.
//
// It holds no business rule: every decision has been made when it is called. Only cmd and
// tests import it. The rules that it keeps are in the design, "The journal in Cassandra";
// schemas/cql has the tables.
package cassandra
