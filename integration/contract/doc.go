// Package contract proves that our judgement of schemas is Apache Avro's: it makes pairs of schemas by the thousand and asks
// both. It proves, too, that the golden messages of schemas/testdata are what Apache Avro writes, and that each version reads
// what any other and this program wrote; that a service hears and tells what the AsyncAPI document says; that the usual
// linters find no fault with it and with the OpenAPI document; and which changes of the HTTP API fail. Its tests need Java,
// Maven and npm.
package contract
