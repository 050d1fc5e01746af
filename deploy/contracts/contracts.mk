# Copy it beside your Makefile, and there: include contracts.mk
INVENTORY ?= inventory
AVRO ?= avro
BASE ?= origin/main

.PHONY: check-schemas
check-schemas: ## Hold the schemas against those that are published
	$(INVENTORY) schemas check --dir $(AVRO) --base $(BASE)
