"""The published contracts: JSON Schemas, examples and AsyncAPI documents of every event, made from the code."""
