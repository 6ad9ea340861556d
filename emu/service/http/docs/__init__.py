"""The OpenAPI document as a page: made here, read without a network and without scripts.

schemas     types in words, and the fields of objects
samples     values that a schema allows, for examples
operations  what can be done, by subject
pages       answers to `/docs` and `/problems`
"""
